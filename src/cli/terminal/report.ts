import { timeText } from "../../base/time_text.ts";

/** What a command came to: for programs, and in lines. */
export interface Report {
  /** One JSON object. */
  readonly data: object;
  /** The same for a person. */
  readonly lines: readonly string[];
  /** What a person must know besides, which is no result. */
  readonly warnings?: readonly string[];
  /** What `dbp` ends with; 0 by default. */
  readonly exitCode?: number | undefined;
}

/** `1 step`, `2 steps`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** How much was done of a migration, and how long that took. */
export function ranText(
  { id, steps, milliseconds }: {
    readonly id: string;
    readonly steps: number;
    readonly milliseconds: number;
  },
): string {
  return `${id}, ${counted(steps, "step")} in ${timeText(milliseconds)}`;
}
