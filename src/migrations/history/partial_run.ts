import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Direction, HistoryRecord } from "../../engine/migrations/mod.ts";
import { partialDirection } from "./history.ts";
import type { Problem } from "../report/reports.ts";
import { commandHint } from "../../base/hints.ts";

/** Describes a run that is incomplete: `partially applied (2 of 3 steps)`. */
export function partialText(
  { direction, stepsDone, stepsTotal }: Pick<
    HistoryRecord,
    "direction" | "stepsDone" | "stepsTotal"
  >,
): string {
  return `partially ${
    direction === "up" ? "applied" : "rolled back"
  } (${stepsDone} of ${stepsTotal} steps)`;
}

/** Returns the command that runs a direction. */
export function commandOf(direction: Direction): string {
  return direction === "up" ? commandHint("migrate") : commandHint("rollback");
}

/** Returns the command that applies pending migrations, also one that is older than an applied one. */
export function applyHint(isOutOfOrder: boolean): string {
  return isOutOfOrder
    ? commandHint("migrate --allow-out-of-order")
    : commandOf("up");
}

/** Returns the recorded error of a run, with what to do next unless an earlier version recorded that, too. */
export function errorText(error: string, next: string): string {
  return error.includes("`dbp ") ? error : `${error} ${next}`;
}

/** Returns the problem of an incomplete run: a partially applied migration is pending; a partial rollback blocks every other run. */
export function partialProblems(record: HistoryRecord): Problem[] {
  const direction = partialDirection(record);
  if (direction === undefined) return [];
  const { id } = record;
  return [{
    ...direction === "up"
      ? { exitCode: EXIT.pending, kind: "half-applied" }
      : { exitCode: EXIT.invalid, kind: "half-reverted" },
    id,
    problem: `${id} is ${partialText(record)}: ${
      commandOf(direction)
    } continues it`,
  }];
}
