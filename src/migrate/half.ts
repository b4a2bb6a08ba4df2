import type { Direction, HistoryRecord } from "../migration.ts";

/** A run that stopped half-way or is under way, in words: `half applied, 2 of 3 steps are done`. */
export function halfText(
  { direction, stepsDone, stepsTotal }: Pick<
    HistoryRecord,
    "direction" | "stepsDone" | "stepsTotal"
  >,
): string {
  return `half ${
    direction === "up" ? "applied" : "taken back"
  }, ${stepsDone} of ${stepsTotal} steps are done`;
}

/** The command that goes this way. */
export function commandOf(direction: Direction): string {
  return direction === "up" ? "`dbp migrate`" : "`dbp rollback`";
}
