import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import type { MigrationFiles, SourceFile } from "../folder/folder.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import { timeOf } from "../history/history.ts";
import type { Problem } from "../report/reports.ts";

/**
 * The files of an applied migration that were changed afterwards. A way back
 * that was tried may be mended, and one may be written where there was none.
 */
export function editedIn(
  { up, down }: MigrationFiles,
  { state, upChecksum, downChecksum }: HistoryRecord,
): readonly SourceFile[] {
  const back = down !== undefined && state === "applied" &&
    downChecksum !== undefined && down.script.checksum !== downChecksum;
  return [
    ...(up.script.checksum === upChecksum ? [] : [up]),
    ...(back ? [down] : []),
  ];
}

/** That a file of an applied migration was changed afterwards. */
export function editedProblem(
  { path }: SourceFile,
  record: HistoryRecord,
  isWayBack: boolean,
): Problem {
  const { id } = record;
  return {
    exitCode: EXIT.invalid,
    kind: "edited",
    id,
    file: path,
    problem: `${path} was changed after it was applied on ${
      timestampText(timeOf(record))
    }: restore it, ${
      isWayBack
        ? `or accept it as it is now with \`dbp stamp --to ${id}\``
        : "and write the change as a migration of its own"
    }`,
  };
}
