import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Problem } from "./reports.ts";

/** Exit codes, worst first: invalid files hide other problems, and a pending migration is not a fault. */
const WORST: readonly number[] = [
  EXIT.invalid,
  EXIT.lint,
  EXIT.drift,
  EXIT.pending,
];

/** Sorts problems, worst first; equally bad ones keep their order. */
export function worstFirst(problems: readonly Problem[]): readonly Problem[] {
  const rank = ({ exitCode }: Problem): number => {
    const index = WORST.indexOf(exitCode);
    return index < 0 ? WORST.length : index;
  };
  return problems.toSorted((one, other) => rank(one) - rank(other));
}

/** Returns the exit code of the worst problem, or 0. */
export function exitCodeOf(problems: readonly Problem[]): number {
  return worstFirst(problems)[0]?.exitCode ?? EXIT.done;
}

/**
 * Checks that there are no problems.
 *
 * @throws {MigrationError} naming all problems, with the exit code of the worst
 */
export function assertNoProblems(problems: readonly Problem[]): void {
  const [first, ...more] = worstFirst(problems);
  if (first === undefined) return;
  throw new MigrationError(
    [first, ...more].map(({ problem }) => problem),
    { exitCode: first.exitCode },
  );
}
