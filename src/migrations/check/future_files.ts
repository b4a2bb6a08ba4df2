import { EXIT } from "../../base/errors/exit_codes.ts";
import { durationText } from "../../base/duration_text.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import { idAt, timeOf } from "../folder/file_name.ts";
import type { Folder } from "../folder/folder.ts";
import { isApplied, partialDirection } from "../history/history.ts";
import type { Problem } from "../report/reports.ts";

/** Milliseconds by which the clock of the machine that named a file may be ahead. */
const TOLERANCE = 10 * 60_000;

/**
 * Returns the problems of files with a time in the future, which would refuse
 * every file that is made before that time. A file that is already applied
 * keeps its time, and later files may follow it.
 */
export function futureProblems(
  { migrations }: Pick<Folder, "migrations">,
  history: readonly HistoryRecord[],
  now: Date = new Date(),
): Problem[] {
  const begun = new Set(begunIds(history));
  const latest = Math.max(
    now.getTime(),
    ...[...begun].map((id) => timeOf(id).getTime()),
  );
  return migrations.filter(({ id }) =>
    !begun.has(id) && timeOf(id).getTime() > latest + TOLERANCE
  ).map(({ id, up: { path } }) => ({
    exitCode: EXIT.invalid,
    kind: "future",
    id,
    file: path,
    problem: `${path} is ${
      durationText(timeOf(id).getTime() - now.getTime())
    } in the future: its name says ${timestampText(timeOf(id))}, and it is ${
      timestampText(now)
    }. The times in names are UTC, and may be ${
      durationText(TOLERANCE)
    } ahead. Rename its files to ${
      idAt(id, now)
    }, or correct the clock of this machine`,
  }));
}

/** Returns the migrations that are applied, completely or partially. */
export function begunIds(history: readonly HistoryRecord[]): string[] {
  return history.filter((record) =>
    isApplied(record) || partialDirection(record) !== undefined
  ).map(({ id }) => id);
}
