import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationDialect,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import {
  editedFiles,
  editedProblem,
  stampHint,
} from "../check/edited_files.ts";
import type { SourceFile } from "../folder/source_file.ts";
import type { Folder, MigrationFiles } from "../folder/folder.ts";
import { commandOf, partialText } from "../history/partial_run.ts";
import { isApplied, isStamped, partialDirection } from "../history/history.ts";
import { lintFile } from "../check/lint.ts";
import { assertSameDatabase } from "../check/missing_files.ts";
import { resolveId } from "../folder/migration_id.ts";
import type { RollbackOptions } from "../report/options.ts";
import { editedStep } from "../check/compare.ts";
import { assertNoProblems } from "../report/problem.ts";
import { isUndoText, undoSource, type UndoTarget } from "./undo_source.ts";
import { serverProblems } from "../check/server_requirements.ts";
import { commandHint } from "../../base/hints.ts";

/** A migration to roll back. */
export interface DownMigration {
  readonly record: HistoryRecord;
  readonly source: SourceFile;
  /** Whether the down file is missing, and the copy in the history is used. */
  readonly fromHistory: boolean;
  /** Whether it undoes the steps of a partially applied migration. */
  readonly undoes: boolean;
}

/**
 * Returns the migrations that a rollback would undo, in order.
 *
 * @throws {MigrationError} if one of them cannot be rolled back, or not on this
 * server
 */
export async function downMigrations(
  target: UndoTarget & Pick<MigrationTarget, "server">,
  folder: Folder,
  history: readonly HistoryRecord[],
  options: Pick<RollbackOptions, "to" | "steps" | "baseline">,
): Promise<readonly DownMigration[]> {
  assertSameDatabase(folder, history);
  const applied = history.filter((record) =>
    isApplied(record) || partialDirection(record) !== undefined
  ).reverse();
  const downs: DownMigration[] = [];
  for (const record of choose(applied, options)) {
    const undo = await undoOf(target, folder, record);
    if (undo === undefined) assertComplete(record);
    if (isBaseline(record) && !options.baseline) {
      throw rollbackError(
        record,
        isStamped(record)
          ? `it is a baseline that was stamped and not run, so its down migration may drop objects that existed before. To remove only the stamp, run ${
            commandHint(`stamp --remove ${record.id}`)
          }; to run the down migration, add --baseline`
          : `it is a baseline that created the first tables, so its down migration may drop all of them. To allow that, add --baseline`,
      );
    }
    downs.push(undo ?? downMigration(target.dialect, folder, record));
  }
  assertNoProblems(
    await serverProblems(
      target,
      downs.map(({ record: { id }, source }) => ({ id, source })),
    ),
  );
  return downs;
}

/** Whether a migration creates the first tables: on another database, `migrate` applied the same file. */
function isBaseline({ kind, id }: HistoryRecord): boolean {
  return kind === "baseline" || /^\d{8}T\d{6}_baseline$/.test(id);
}

/** Returns the steps that undo a partially applied migration; undefined if it is not one, or if they cannot be found. */
async function undoOf(
  target: UndoTarget,
  { migrations }: Folder,
  record: HistoryRecord,
): Promise<DownMigration | undefined> {
  const files = migrations.find(({ id }) => id === record.id);
  if (partialDirection(record) !== "up" || files === undefined) {
    return undefined;
  }
  try {
    const source = await undoSource(target, files, record);
    return source && { record, source, fromHistory: false, undoes: true };
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    throw rollbackError(
      record,
      `it is ${partialText(record)}, and ${error.message}. ${
        commandOf("up")
      } continues it; you can edit the remaining steps before`,
      EXIT.invalid,
      error,
    );
  }
}

function choose(
  applied: readonly HistoryRecord[],
  { to, steps = 1 }: Pick<RollbackOptions, "to" | "steps">,
): readonly HistoryRecord[] {
  if (to === undefined) return applied.slice(0, steps);
  const ids = applied.map(({ id }) => id);
  return applied.slice(
    0,
    ids.indexOf(resolveId(to, ids, "applied migration")),
  );
}

function downMigration(
  dialect: MigrationDialect,
  { migrations }: Folder,
  record: HistoryRecord,
): DownMigration {
  const files = migrations.find(({ id }) => id === record.id);
  if (partialDirection(record) === "down" && isUndoText(record.downText)) {
    const source = storedDown(dialect, record);
    if (source !== undefined) {
      return { record, source, fromHistory: false, undoes: true };
    }
  }
  const fromHistory = files?.down === undefined;
  const edited = files &&
    editedFiles(files, record).find((file) => file === files.down);
  if (edited !== undefined) {
    assertNoProblems([editedProblem(edited, record, true)]);
  }
  const source = files?.down ?? storedDown(dialect, record);
  const why = source?.script.irreversible ?? files?.up.script.irreversible;
  if (why !== undefined) {
    throw rollbackError(
      record,
      `it is irreversible: ${why}${files ? overrideHint(record, files) : ""}`,
    );
  }
  if (source === undefined) {
    throw rollbackError(
      record,
      "it has no down migration, and had none when it was applied",
    );
  }
  if (source.script.steps.length === 0) {
    throw rollbackError(
      record,
      `${source.path} has no statement: write one, or add \`dbp:irreversible\` with the reason`,
    );
  }
  const isPartial = partialDirection(record) === "down";
  const edit = isPartial ? editedStep(record, source.script) : undefined;
  if (edit !== undefined) {
    throw rollbackError(
      record,
      `step ${edit} of ${source.path} was edited after it ran: restore it`,
      EXIT.invalid,
    );
  }
  // The lint rules checked this file when it was applied; a rollback in an emergency must not fail because of newer rules.
  if (source.script.checksum !== record.downChecksum) {
    assertNoProblems(lintFile(dialect, source, "down"));
  }
  return { record, source, fromHistory, undoes: false };
}

/** Describes how to run the steps of an irreversible down file. */
function overrideHint(
  { id }: HistoryRecord,
  { down, up }: MigrationFiles,
): string {
  if (down === undefined || up.script.irreversible !== undefined) return "";
  const { path, script: { irreversible, steps } } = down;
  return irreversible === undefined || steps.length === 0
    ? ""
    : `. To run the steps of ${path} anyway, remove its \`dbp:irreversible\`, accept the file with ${
      stampHint(id)
    }, and roll back again`;
}

/** Returns the down file as it was when the migration was applied. */
function storedDown(
  dialect: MigrationDialect,
  { id, downText: text }: HistoryRecord,
): SourceFile | undefined {
  if (text === undefined) return undefined;
  const path = `${id}.down${dialect.extension} from the history`;
  return { path, text, script: dialect.parse(text, path) };
}

function assertComplete(record: HistoryRecord): void {
  if (partialDirection(record) !== "up") return;
  throw rollbackError(
    record,
    `it is ${partialText(record)}. ${
      commandOf("up")
    } continues it; you can edit the remaining steps before`,
    EXIT.invalid,
  );
}

function rollbackError(
  { id }: HistoryRecord,
  why: string,
  exitCode: number = EXIT.failed,
  cause?: Error,
): MigrationError {
  return new MigrationError(
    `Cannot roll back ${id}: ${why}. Nothing was rolled back`,
    { exitCode, cause },
  );
}
