import type { Field } from "../../model/field.ts";
import type {
  UpdateEachReturningStatement,
  UpdateEachStatement,
} from "../../query/statement/statement.ts";
import { modelRows } from "../codec/model_rows.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { SqlLink } from "../link/link.ts";
import { serverErrorOf } from "../link/server_error.ts";
import { isConnectionLoss, SQLSTATE } from "../link/sqlstate.ts";
import type { FactsOfTables } from "../schema/table_facts.ts";
import { areReadable } from "./are_readable.ts";
import { linkOfModel } from "./model_errors.ts";

/** The maximum number of rows: more would keep a shared connection busy. */
const FEW_ROWS = 1_000;
/** Errors after which the same update would wait again. */
const LIMITS: readonly string[] = [
  SQLSTATE.queryCanceled,
  SQLSTATE.lockNotAvailable,
];

/**
 * Updates few rows with one statement, which is atomic. Returns undefined, and
 * has written nothing, if that needs a transaction, or if the server refuses it:
 * the same update in a transaction then has the error, or is retried.
 */
export async function updateAlone(
  { compile, tables }: {
    readonly compile: Compiler;
    readonly tables: FactsOfTables;
  },
  link: SqlLink,
  statement: UpdateEachStatement | UpdateEachReturningStatement,
  onRow: (row: object) => void = () => {},
): Promise<number | undefined> {
  const { kind, model, changes } = statement;
  if (changes.length > FEW_ROWS) return undefined;
  const facts = await tables.of(link, model);
  const isTable = facts.kind === "r" || facts.kind === "p";
  if (!isTable || facts.skips.update) return undefined;
  if (
    kind === "updateEachReturning" &&
    !areReadable(statement.returning, givenFields(statement), facts)
  ) return undefined;
  const to = linkOfModel(link, model);
  const command = compile(statement, facts);
  try {
    if (kind === "updateEachReturning") {
      const rows = modelRows(model, statement.returning, onRow);
      return (await to.query(command, rows)).count;
    }
    const { count } = await to.query(command);
    return statement.needsAll === true ? changes.length : count;
  } catch (error) {
    const code = serverErrorOf(error)?.code;
    if (
      code === undefined || isConnectionLoss(code) || LIMITS.includes(code)
    ) throw error;
    return undefined;
  }
}

/** The fields that have the given values in every row that an update writes. */
function givenFields(
  { key, set, operations }: UpdateEachReturningStatement,
): readonly Field[] {
  return [...key, ...set.filter((field) => !operations.has(field))];
}
