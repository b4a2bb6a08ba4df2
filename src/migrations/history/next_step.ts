import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Script, Step } from "../../engine/migrations/mod.ts";

/**
 * The step that is to be run.
 *
 * @param place its index from 0
 * @throws {MigrationError} with exit code 4 where the file has fewer
 */
export function stepOf(id: string, { steps }: Script, place: number): Step {
  const step = steps[place];
  if (step !== undefined) return step;
  throw new MigrationError(
    `Cannot run step ${place + 1} of ${id}: it has ${steps.length}`,
    { exitCode: EXIT.invalid },
  );
}

/**
 * That a step is not the next one.
 *
 * @param done how many the history has; undefined where it does not have the
 * migration
 */
export function notNext(
  id: string,
  place: number,
  done: number | undefined,
): MigrationError {
  return new MigrationError(
    `Cannot run step ${place + 1} of ${id}: ${
      done === undefined
        ? "the history does not have the migration"
        : `the history has ${done} done`
    }. Somebody else changed it meanwhile; \`dbp status\` tells what is done`,
    { exitCode: EXIT.invalid },
  );
}
