import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { partialDirection } from "../history/history.ts";
import type { Problem } from "../report/reports.ts";

/** Returns warnings about the rules that a partially applied or rolled back migration left weaker; empty if there is no such migration. */
export async function weakenedProblems(
  target: MigrationTarget,
  history: readonly HistoryRecord[],
): Promise<readonly Problem[]> {
  const isPartial = history.some((record) =>
    partialDirection(record) !== undefined
  );
  const weakened = isPartial ? await target.weakened?.() : undefined;
  return (weakened ?? []).map((problem) => ({
    exitCode: EXIT.done,
    kind: "schema",
    problem,
  }));
}
