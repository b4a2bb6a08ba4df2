import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type {
  Draft,
  PartialFiles,
  Script,
} from "../../../engine/migrations/mod.ts";
import { HISTORY } from "../../../migrations/history/record.ts";
import { STEP, UNDO_MARK } from "../../../migrations/plan/draft.ts";
import type { Renames } from "../../../migrations/plan/renames.ts";
import type { SqlDriver } from "../../link/link.ts";
import type { Change } from "../../schema/change.ts";
import { compareAll } from "../../schema/compare_tables.ts";
import { aside, run } from "../../schema/run.ts";
import { renameChanges } from "../compare/renames.ts";
import {
  copyTables,
  inScratch,
  scratchTables,
  type Tables,
} from "../compare/scratch_schema.ts";
import { withoutConcurrently } from "../file/concurrent_statements.ts";
import { identifier, name, readerOf, skip } from "../file/reader.ts";
import { statementTitle } from "../file/statement_title.ts";
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
      await copyTables(scratch, [...live.values()]);
      for (const statement of [...statementsOf(rest), ...statementsOf(down)]) {
        if (isOnRows(statement)) continue;
        await run(scratch.tx, withoutConcurrently(statement)).catch(
          (error: Error) => {
            throw undoError(
              `its files do not run on copies of the tables: ${error.message}. The statement is: ${statement}`,
              error,
            );
          },
        );
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
        before.has(from.name) || from.name === HISTORY
          ? []
          : [{ kind: "table", table: from.name, from, to: undefined }]
      ),
    ];
    const { up } = draftsOf(changes, {
      version: scratch.version,
      current,
      wanted: before,
    });
    return {
      ...up,
      steps: [{ ...STEP, statements: [`SELECT '${UNDO_MARK}'`] }, ...up.steps],
    };
  });
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
