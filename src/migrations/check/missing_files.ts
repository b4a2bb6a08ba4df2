import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import type { Folder } from "../folder/folder.ts";
import { commandOf } from "../history/partial_run.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import { isApplied, runTime } from "../history/history.ts";
import { assertNoProblems } from "../report/problem.ts";
import type { Problem } from "../report/reports.ts";

/** Returns the problems of missing files; if all are missing, the problem of a wrong folder. */
export function missingProblems(
  folder: Folder,
  history: readonly HistoryRecord[],
): Problem[] {
  const foreign = foreignProblem(folder, history);
  return foreign === undefined
    ? missingRecords(folder, history).map((record) =>
      missingProblem(record, folder)
    )
    : [foreign];
}

/**
 * Checks that a folder has files of this database.
 *
 * @throws {MigrationError} with exit code 4 if no applied migration is in it
 */
export function assertSameDatabase(
  folder: Folder,
  history: readonly HistoryRecord[],
): void {
  const foreign = foreignProblem(folder, history);
  assertNoProblems(foreign === undefined ? [] : [foreign]);
}

function foreignProblem(
  folder: Folder,
  history: readonly HistoryRecord[],
): Problem | undefined {
  const applied = history.filter(isApplied);
  const missing = missingRecords(folder, history);
  const [first] = missing;
  const isForeign = first !== undefined &&
    !applied.some(({ id }) => folder.ids.includes(id));
  if (!isForeign) return undefined;
  const what = missing.length === 1
    ? `The only migration in the history, ${first.id}, applied on ${
      appliedText(first)
    }, is not in ${folder.path}`
    : `None of the ${missing.length} migrations in the history is in ${folder.path}`;
  return {
    exitCode: EXIT.invalid,
    kind: "missing",
    problem:
      `${what}: this folder belongs to another database. Use --migrations for the right folder, or restore the files`,
  };
}

function missingRecords(
  { ids }: Folder,
  history: readonly HistoryRecord[],
): HistoryRecord[] {
  return history.filter((record) =>
    isApplied(record) && !ids.includes(record.id) &&
    !isReplaced(record, history)
  );
}

/** Returns whether a later baseline replaces a migration, so that its file may be removed. */
function isReplaced(
  { id, startedAt }: HistoryRecord,
  history: readonly HistoryRecord[],
): boolean {
  return history.some((other) =>
    other.kind === "baseline" && isApplied(other) && other.id > id &&
    other.startedAt > startedAt
  );
}

function missingProblem(record: HistoryRecord, { path }: Folder): Problem {
  return {
    exitCode: EXIT.invalid,
    kind: "missing",
    id: record.id,
    problem: `${record.id} was applied on ${
      appliedText(record)
    }, but its file is not in ${path}: either this checkout is older than the database, or the file was removed. Restore the file, or roll the migration back with ${
      commandOf("down")
    }`,
  };
}

function appliedText(record: HistoryRecord): string {
  return timestampText(runTime(record));
}
