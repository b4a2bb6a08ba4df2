import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import type { Folder, MigrationFiles } from "../folder/folder.ts";
import { isApplied } from "../history/history.ts";
import type { Problem } from "../report/reports.ts";
import type { Pending } from "./compare.ts";

/** Returns warnings about pending migrations that could not be rolled back, although their files do not say so; undefined if there are none. */
export function pendingWithoutDown(
  pending: readonly Pending[],
): readonly Problem[] | undefined {
  return some(pendingWarnings(pending));
}

function pendingWarnings(pending: readonly Pending[]): Problem[] {
  return pending.flatMap(({ files }) => {
    const what = missingDown(files);
    return what === undefined ? [] : [
      warning(
        files,
        `${what}: it could not be rolled back. Write the file, or write \`dbp:irreversible\` with the reason`,
      ),
    ];
  });
}

/** Returns warnings about all migrations of a folder without a down migration, applied or pending; undefined if there are none. */
export function missingDowns(
  { migrations }: Folder,
  history: readonly HistoryRecord[],
  pending: readonly Pending[],
): readonly Problem[] | undefined {
  const applied = new Map(
    history.filter(isApplied).map((record) => [record.id, record]),
  );
  return some([
    ...migrations.flatMap((files) => {
      const record = applied.get(files.id);
      const what = record && missingDown(files);
      return what === undefined ? [] : [
        warning(
          files,
          `${what}: ${
            record?.downText === undefined
              ? "it cannot be rolled back. Write the file, or write `dbp:irreversible` with the reason"
              : "a rollback uses the copy in the history. Restore the file"
          }`,
        ),
      ];
    }),
    ...pendingWarnings(pending),
  ]);
}

/** Returns what a migration lacks that could be rolled back; undefined if it lacks nothing, or says why it is irreversible. */
function missingDown({ up, down }: MigrationFiles): string | undefined {
  if (up.script.irreversible !== undefined) return undefined;
  if (down === undefined) return "has no down file";
  return down.script.steps.length > 0 || down.script.irreversible !== undefined
    ? undefined
    : "has a down file without statements";
}

function warning({ id, up }: MigrationFiles, problem: string): Problem {
  return {
    exitCode: EXIT.done,
    kind: "no-down",
    id,
    file: up.path,
    problem: `${id} ${problem}`,
  };
}

/** Returns warnings; undefined if there are none. */
export function some(
  warnings: readonly Problem[],
): readonly Problem[] | undefined {
  return warnings.length === 0 ? undefined : warnings;
}
