import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Problem } from "./reports.ts";

/** Exit codes, worst first: with wrong files nothing else can be told, and what is pending is no fault. */
const WORST: readonly number[] = [
  EXIT.invalid,
  EXIT.lint,
  EXIT.drift,
  EXIT.pending,
];

/** Worst first; those that are alike as they were. */
export function worstFirst(problems: readonly Problem[]): readonly Problem[] {
  const rank = ({ exitCode }: Problem): number => {
    const place = WORST.indexOf(exitCode);
    return place < 0 ? WORST.length : place;
  };
  return problems.toSorted((one, other) => rank(one) - rank(other));
}

/** The exit code of the worst, or 0. */
export function exitCodeOf(problems: readonly Problem[]): number {
  return worstFirst(problems)[0]?.exitCode ?? EXIT.done;
}

/**
 * Goes on where there are no problems.
 *
 * @throws {MigrationError} naming all of them, with the exit code of the worst
 */
export function assertNone(problems: readonly Problem[]): void {
  const [first, ...more] = worstFirst(problems);
  if (first === undefined) return;
  const lines = [first, ...more].map(({ problem }) => problem);
  throw new MigrationError(
    more.length === 0 ? first.problem : lines.join("\n"),
    { exitCode: first.exitCode },
  );
}
