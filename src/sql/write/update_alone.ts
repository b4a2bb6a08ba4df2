import type { UpdateEachStatement } from "../../query/statement/statement.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { SqlLink } from "../link/link.ts";
import { serverErrorOf } from "../link/server_error.ts";
import { isConnectionLoss, SQLSTATE } from "../link/sqlstate.ts";
import type { FactsOfTables } from "../schema/table_facts.ts";
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
  statement: UpdateEachStatement,
): Promise<number | undefined> {
  const { model, changes, needsAll } = statement;
  if (changes.length > FEW_ROWS) return undefined;
  const facts = await tables.of(link, model);
  const isTable = facts.kind === "r" || facts.kind === "p";
  if (!isTable || facts.skips.update) return undefined;
  try {
    const { count } = await linkOfModel(link, model)
      .query(compile(statement, facts));
    return needsAll === true ? changes.length : count;
  } catch (error) {
    const code = serverErrorOf(error)?.code;
    if (
      code === undefined || isConnectionLoss(code) || LIMITS.includes(code)
    ) throw error;
    return undefined;
  }
}
