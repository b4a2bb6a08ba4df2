import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import type { Folder } from "../folder/folder.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import { isApplied, timeOf } from "../history/history.ts";
import { assertNone } from "../report/problem.ts";
import type { Problem } from "../report/reports.ts";

/** That files of applied migrations are not there; where none is, that the folder is another one. */
export function missingProblems(
  folder: Folder,
  history: readonly HistoryRecord[],
): Problem[] {
  const foreign = foreignProblem(folder, history);
  return foreign === undefined
    ? missed(folder, history).map((record) => missingProblem(record, folder))
    : [foreign];
}

/**
 * Makes sure that these are the database's files.
 *
 * @throws {MigrationError} with exit code 4, where none of what is applied is among them
 */
export function assertOwn(
  folder: Folder,
  history: readonly HistoryRecord[],
): void {
  const foreign = foreignProblem(folder, history);
  assertNone(foreign === undefined ? [] : [foreign]);
}

function foreignProblem(
  folder: Folder,
  history: readonly HistoryRecord[],
): Problem | undefined {
  const applied = history.filter(isApplied);
  const missing = missed(folder, history);
  const [first] = missing;
  const isForeign = first !== undefined &&
    !applied.some(({ id }) => folder.ids.includes(id));
  if (!isForeign) return undefined;
  const what = missing.length === 1
    ? `The only migration that the database has, ${first.id}, applied on ${
      when(first)
    }, is not in ${folder.path}`
    : `None of the ${missing.length} migrations that the database has is in ${folder.path}`;
  return {
    exitCode: EXIT.invalid,
    kind: "missing",
    problem:
      `${what}: this is another folder than that of its files. Name that with --migrations, or bring the files back`,
  };
}

function missed(
  { ids }: Folder,
  history: readonly HistoryRecord[],
): HistoryRecord[] {
  return history.filter((record) =>
    isApplied(record) && !ids.includes(record.id) && !isHeld(record, history)
  );
}

/** Whether a later baseline, recorded after it, stands for it, so that its file may go. */
function isHeld(
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
      when(record)
    }, but its file is not in ${path}: this checkout is older than the database, or the file was removed. Bring it back, or take the migration back with \`dbp rollback\``,
  };
}

function when(record: HistoryRecord): string {
  return timestampText(timeOf(record));
}
