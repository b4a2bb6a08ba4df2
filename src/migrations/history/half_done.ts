import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Direction, HistoryRecord } from "../../engine/migrations/mod.ts";
import { halfWay } from "./history.ts";
import type { Problem } from "../report/reports.ts";

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

/** That a run stopped half-way: forwards it is pending, and over half a way back no run goes on. */
export function halfProblems(record: HistoryRecord): Problem[] {
  const half = halfWay(record);
  if (half === undefined) return [];
  const { id } = record;
  return [{
    ...half === "up"
      ? { exitCode: EXIT.pending, kind: "half-applied" }
      : { exitCode: EXIT.invalid, kind: "half-reverted" },
    id,
    problem: `${id} is ${halfText(record)}: ${commandOf(half)} goes on`,
  }];
}
