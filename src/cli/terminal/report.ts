import type { Message } from "../../base/errors/mod.ts";
import { durationText } from "../../base/duration_text.ts";
import type {
  PendingMigration,
  Problem,
} from "../../migrations/report/reports.ts";

/** The result of a command, as data and as text. */
export interface Report {
  /** The JSON object that `--json` prints. */
  readonly data: object;
  /** The lines that are printed otherwise. A line break in one of them is printed as an escape sequence. */
  readonly lines: readonly string[];
  /** A text that is printed exactly instead of the lines, for other programs. */
  readonly text?: string | undefined;
  /** Warnings for the user, printed in both cases. */
  readonly warnings?: readonly Message[] | undefined;
  /** The exit code; 0 by default. */
  readonly exitCode?: number | undefined;
}

/** `1 step`, `2 steps`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A migration that was run, its steps and its time. */
export function ranText(
  { id, steps, milliseconds }: {
    readonly id: string;
    readonly steps: number;
    readonly milliseconds: number;
  },
): string {
  return `${id}, ${counted(steps, "step")} in ${durationText(milliseconds)}`;
}

/** The steps of a pending migration, and what an earlier run did. */
export function stepsText(
  { steps, stepsDone, state, error, destructive, reversible }: PendingMigration,
  running: string = "still running or killed",
): string {
  return [
    counted(steps, "step"),
    ...(state === undefined ? [] : [`${stepsDone} done`]),
    ...(state === "running" ? [running] : []),
    ...lossText(destructive),
    ...(reversible ? [] : ["irreversible"]),
  ].join(", ") + (error === undefined ? "" : `: ${error}`);
}

/** What a migration destroys, as its file declares. */
export function lossText(destructive: readonly string[]): string[] {
  return destructive.length === 0
    ? []
    : [`data loss: ${destructive.join(", ")}`];
}

/** The lines of problems. Only a drift has several, which end where its differences end. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.flatMap(({ kind, problem }) =>
    kind === "drift" ? problem.split("\n") : [problem]
  );
}

/** Tables and columns of the database that no model has. */
export function unmanagedLines(unmanaged: readonly string[]): string[] {
  return unmanaged.length === 0
    ? []
    : [`Not in any model, left unchanged: ${unmanaged.join(", ")}`];
}
