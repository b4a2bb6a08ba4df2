import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import type { SourceFile } from "../folder/source_file.ts";
import type { MigrationFiles } from "../folder/folder.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import { runTime } from "../history/history.ts";
import type { Problem } from "../report/reports.ts";
import { commandHint } from "../../base/hints.ts";

/**
 * Returns the edited files of an applied migration. A down file may be edited
 * after a failed rollback, and added if there was none.
 */
export function editedFiles(
  { up, down }: MigrationFiles,
  { state, upChecksum, downChecksum }: HistoryRecord,
): readonly SourceFile[] {
  const isDownEdited = down !== undefined && state === "applied" &&
    downChecksum !== undefined && down.script.checksum !== downChecksum;
  return [
    ...(up.script.checksum === upChecksum ? [] : [up]),
    ...(isDownEdited ? [down] : []),
  ];
}

/** Returns how to accept an edited file. */
export function stampHint(id: string): string {
  return commandHint(`stamp --to ${id}`);
}

/** Returns the problem of an edited file of an applied migration. */
export function editedProblem(
  { path }: SourceFile,
  record: HistoryRecord,
  isDown: boolean,
): Problem {
  const { id } = record;
  return {
    exitCode: EXIT.invalid,
    kind: "edited",
    id,
    file: path,
    problem: `${path} was edited after it was applied on ${
      timestampText(runTime(record))
    }. Restore it, ${
      isDown
        ? `or accept the edited file with ${stampHint(id)}`
        : "and write the change as another migration"
    }`,
  };
}
