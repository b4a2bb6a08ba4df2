import { MigrationError } from "../errors.ts";
import { EXIT } from "../exit_codes.ts";

/** How far a run goes. */
export interface Extent {
  readonly to?: string | undefined;
  readonly steps?: number | undefined;
}

/**
 * Makes sure that an extent can be meant.
 *
 * @throws {MigrationError} with exit code 64
 */
export function assertExtent({ to, steps }: Extent): void {
  const wrong = to !== undefined && steps !== undefined
    ? "--to and --steps say the same in two ways: give one of them"
    : steps !== undefined && steps !== Infinity &&
        !(Number.isInteger(steps) && steps > 0)
    ? `--steps is a whole number of migrations from 1, not ${steps}`
    : undefined;
  if (wrong !== undefined) {
    throw new MigrationError(wrong, { exitCode: EXIT.usage });
  }
}
