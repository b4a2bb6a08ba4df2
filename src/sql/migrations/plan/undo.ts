import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type {
  Draft,
  PartialFiles,
  Script,
  Step,
} from "../../../engine/migrations/mod.ts";
import { OWN_TABLES } from "../../../migrations/history/own_tables.ts";
import { STEP, UNDO_MARK } from "../../../migrations/plan/draft.ts";
import type { Renames } from "../../../migrations/plan/renames.ts";
import { serverErrorOf } from "../../link/server_error.ts";
import { SQLSTATE } from "../../link/sqlstate.ts";
import type { SqlDriver, SqlTransaction } from "../../link/link.ts";
import type { Change } from "../../schema/change.ts";
import { compareAll } from "../../schema/compare_tables.ts";
import { aside, inSavepoint, run } from "../../link/run.ts";
import { renameChanges } from "../compare/renames.ts";
import {
  copyTables,
  inScratch,
  scratchTables,
  type Tables,
} from "../compare/scratch_schema.ts";
import { withoutConcurrently } from "../file/concurrent_statements.ts";
import {
  identifier,
  name,
  type Reader,
  readerOf,
  skip,
  skipOneOf,
} from "../file/reader.ts";
import { statementTitle } from "../file/statement_title.ts";
import { withoutStatementLiterals } from "../file/without_statement_literals.ts";
import { draftsOf } from "../steps/drafts_of.ts";
import { renamedTables } from "./renamed_tables.ts";

/**
 * Returns the steps that restore the tables as they were before a migration that
 * is partially applied. The server says how they were: the rest of the up file
 * and the down file run on copies of the tables, in a transaction that is rolled
 * back.
 *
 * @throws {MigrationError} if a step that is done changed rows, or if the files
 * do not run on copies
 */
export async function undoDraft(
  driver: SqlDriver,
  schema: string | undefined,
  { done, rest, down }: PartialFiles,
): Promise<Draft> {
  return await inScratch(driver, schema, async (scratch) => {
    const { live } = scratch;
    const before = await aside(scratch.tx, async () => {
      // The down file drops them, and the copies use them.
      for (const statement of statementsOf(done).filter(createdObject)) {
        await run(scratch.tx, statement);
      }
      await copyTables(scratch, [...live.values()]);
      let hasFailed = false;
      for (const step of rest.steps) {
        try {
          await inSavepoint(scratch.tx, () => runOnCopies(scratch.tx, step));
        } catch (error) {
          // The step that stopped the run may fail on copies, too: then it changes nothing.
          hasFailed ||= step === rest.steps[0];
          if (!hasFailed) throw error;
        }
      }
      for (const statement of statementsOf(down)) {
        try {
          await inSavepoint(
            scratch.tx,
            () => runOnCopies(scratch.tx, { statements: [statement] }),
          );
        } catch (error) {
          const { code = "" } = serverErrorOf(error) ?? {};
          if (!hasFailed || !MISSING.includes(code)) throw error;
        }
      }
      return await scratchTables(scratch);
    });
    const rows = statementsOf(done).find((statement) =>
      changesRows(statement) && !isOnNewTable(statement, before)
    );
    if (rows !== undefined) {
      throw undoError(
        `a step that is done changed rows, which nothing can restore: ${
          statementTitle(rows)
        }`,
      );
    }
    const renames = undoneRenames(done);
    const current = await renamedTables(scratch, live, renames);
    const compared = await compareAll(scratch.tx, current, before, {
      managed: { has: () => true },
      renamed: new Set(renames.tables.values()),
    });
    const changes: Change[] = [
      ...renameChanges(renames),
      ...compared.changes,
      ...[...current.values()].flatMap((from): Change[] =>
        before.has(from.name) || OWN_TABLES.includes(from.name)
          ? []
          : [{ kind: "table", table: from.name, from, to: undefined }]
      ),
    ];
    const created = statementsOf(done).map(createdObject);
    const drops = statementsOf(down).filter((statement) => {
      const dropped = droppedObject(statement);
      return dropped !== undefined && created.includes(dropped);
    });
    const { up } = draftsOf(changes, {
      version: scratch.version,
      current,
      wanted: before,
    });
    return {
      ...up,
      steps: [
        { ...STEP, statements: [`SELECT '${UNDO_MARK}'`] },
        ...up.steps,
        ...drops.length === 0 ? [] : [{ ...STEP, statements: drops }],
      ],
    };
  });
}

/** SQLSTATEs of objects that do not exist. */
const MISSING: readonly string[] = [
  SQLSTATE.undefinedTable,
  SQLSTATE.undefinedColumn,
  SQLSTATE.undefinedObject,
  SQLSTATE.undefinedFunction,
];

/** @throws {MigrationError} with the statement that failed */
async function runOnCopies(
  tx: SqlTransaction,
  { statements }: Pick<Step, "statements">,
): Promise<void> {
  for (const statement of statements) {
    if (isOnRows(statement)) continue;
    await run(tx, withoutConcurrently(statement)).catch((error: Error) => {
      throw undoError(
        `its files do not run on copies of the tables: ${
          withoutStatementLiterals(error.message, statement)
        }. The statement is: ${statementTitle(statement, Infinity)}`,
        error,
      );
    });
  }
}

function statementsOf({ steps }: Pick<Script, "steps">): readonly string[] {
  return steps.flatMap(({ statements }) => statements);
}

/** Returns whether a statement changes rows in a way that a down migration could undo; values that fill a column stay. */
function changesRows(statement: string): boolean {
  const reader = readerOf(statement);
  return ["insert", "delete", "merge", "call", "do", "copy", "truncate"]
    .some((word) => skip(reader, word));
}

/** Returns whether a statement inserts into a table that did not exist before. */
function isOnNewTable(statement: string, before: Tables): boolean {
  const reader = readerOf(statement);
  if (!skip(reader, "insert", "into")) return false;
  const table = name(reader);
  return table !== undefined && table.schema === undefined &&
    !before.has(table.name);
}

function isOnRows(statement: string): boolean {
  return changesRows(statement) || skip(readerOf(statement), "update");
}

/** The kinds of objects that tables need, and no model describes. */
const OBJECTS = ["type", "domain", "sequence", "function", "collation"];

/** Returns the object that a statement creates, with its kind. */
function createdObject(statement: string): string | undefined {
  const reader = readerOf(statement);
  return skip(reader, "create") ? objectIn(reader) : undefined;
}

/** Returns the object that a statement drops, with its kind. */
function droppedObject(statement: string): string | undefined {
  const reader = readerOf(statement);
  return skip(reader, "drop") ? objectIn(reader) : undefined;
}

function objectIn(reader: Reader): string | undefined {
  const kind = skipOneOf(reader, OBJECTS);
  if (kind === undefined) return undefined;
  skip(reader, "if", "exists");
  const found = name(reader);
  return found?.schema === undefined && found !== undefined
    ? `${kind} ${found.name}`
    : undefined;
}

/** Returns the renames of tables and columns in steps that are done, the other way round. */
function undoneRenames(done: Pick<Script, "steps">): Renames {
  const tables = new Map<string, string>();
  const columns = new Map<string, Map<string, string>>();
  for (const statement of statementsOf(done)) {
    const reader = readerOf(statement);
    if (!skip(reader, "alter", "table")) continue;
    skip(reader, "if", "exists");
    skip(reader, "only");
    const table = name(reader)?.name;
    if (table === undefined || !skip(reader, "rename")) continue;
    if (skip(reader, "constraint")) continue;
    if (skip(reader, "to")) {
      const to = identifier(reader);
      if (to !== undefined) tables.set(to, table);
      continue;
    }
    skip(reader, "column");
    const from = identifier(reader);
    if (from === undefined || !skip(reader, "to")) continue;
    const to = identifier(reader);
    if (to === undefined) continue;
    const own = columns.get(table) ?? new Map<string, string>();
    columns.set(table, own.set(to, from));
  }
  return { tables, columns };
}

function undoError(why: string, cause?: Error): MigrationError {
  return new MigrationError(why, { exitCode: EXIT.undecided, cause });
}
