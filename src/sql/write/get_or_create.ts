import { DuplicateKeyError } from "../../base/errors/mod.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import { all, type Condition } from "../../query/statement/condition.ts";
import type {
  GetOrCreateStatement,
  Outcome,
} from "../../query/statement/statement.ts";
import { keyTakenError } from "../../query/write/get_or_create.ts";
import { modelRows } from "../codec/model_rows.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { Command, SqlLink } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { discardedRowError, withRuleAdvice } from "./discarded_row.ts";
import { withSequenceAdvice } from "./taken_numbers.ts";

/** The maximum number of attempts, for a row that others create and delete repeatedly. */
const ATTEMPTS = 5;

/** Where a statement is executed. */
export interface WriteContext {
  readonly compile: Compiler;
  readonly link: SqlLink;
  readonly facts: TableFacts;
  /** Runs statements so that an error undoes only them. */
  attempt<T>(work: (link: SqlLink) => Promise<T>): Promise<T>;
}

/**
 * Returns the row that matches, or creates it, in one round trip. If another
 * transaction creates the row at the same time, the statement returns no row:
 * the next attempt finds it, unless a different row holds its key.
 *
 * @throws {DuplicateKeyError} if a different row holds one of its keys
 * @throws {DiscardedRowError} if the database keeps no row
 */
export async function getOrCreate(
  { compile, link, facts, attempt }: WriteContext,
  statement: GetOrCreateStatement,
): Promise<Outcome<GetOrCreateStatement>> {
  const { model, row } = statement;
  const commands = facts.rules.insert
    ? apart(compile, statement, facts)
    : [compile(statement, facts)];
  const send = async (
    to: SqlLink,
  ): Promise<Outcome<GetOrCreateStatement> | undefined> => {
    let result: Outcome<GetOrCreateStatement> | undefined;
    for (const [index, command] of commands.entries()) {
      await to.query(
        command,
        modelRows(model, model.fields, (row, created) => {
          result = { row, created: created || index > 0 };
        }),
      );
      if (result !== undefined) break;
    }
    return result;
  };
  let duplicate: unknown;
  for (let count = 0; count < ATTEMPTS; count++) {
    const result = facts.takesOnConflict || facts.kind === undefined
      ? await send(link)
      : await attempt(send).catch((error) => {
        if (!(error instanceof DuplicateKeyError)) {
          throw withRuleAdvice(error, model, facts);
        }
        duplicate = error;
        return undefined;
      });
    if (result !== undefined) return result;
  }
  if (duplicate === undefined && !await hasKey()) {
    throw discardedRowError(model, facts);
  }
  throw withSequenceAdvice(
    keyTakenError(model),
    model,
    row.keys(),
    ", or ",
  );

  /** Whether a row has one of the keys of the new row. Keys that the server fills are taken to exist. */
  async function hasKey(): Promise<boolean> {
    const keys = keysOf(model).map((key) => fieldsNamed(model, key));
    if (keys.flat().some((field) => !row.has(field))) return true;
    const terms = keys.filter((key) =>
      key.every((field) => row.get(field) !== null)
    ).map((key) =>
      all(key.map((field): Condition => ({
        kind: "compare",
        field,
        operator: "eq",
        value: row.get(field),
      })))
    );
    let exists = false;
    await link.query(
      compile(
        { kind: "exists", model, where: { kind: "or", terms } },
        facts,
      ),
      ([value]) => void (exists = value === "t"),
    );
    return exists;
  }
}

/** Returns the statements for a table with rules, which takes no INSERT in a WITH: one that finds the row, and one that creates it. */
function apart(
  compile: Compiler,
  { model, where, row }: GetOrCreateStatement,
  facts: TableFacts,
): readonly Command[] {
  return [
    compile({
      kind: "find",
      model,
      where,
      fields: model.fields,
      order: [],
      limit: 1,
      offset: 0,
    }, facts),
    compile({ kind: "insertRow", model, row }, facts),
  ];
}
