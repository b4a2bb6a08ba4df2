import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Script, Step } from "../../engine/migrations/mod.ts";
import { commandHint } from "../../base/hints.ts";

/**
 * Returns a step of a file.
 *
 * @param index from 0
 * @throws {MigrationError} with exit code 4 if the file has fewer steps
 */
export function stepAt(id: string, { steps }: Script, index: number): Step {
  const step = steps[index];
  if (step !== undefined) return step;
  throw new MigrationError(
    `Cannot run step ${index + 1} of ${id}: it has only ${steps.length} steps`,
    { exitCode: EXIT.invalid },
  );
}

/**
 * Returns the error for a step that is not the next one.
 *
 * @param index from 0
 * @param done number of steps that the history records as done; undefined if it
 * has no record of the migration
 */
export function notNextStep(
  id: string,
  index: number,
  done: number | undefined,
): MigrationError {
  return new MigrationError(
    `Cannot run step ${index + 1} of ${id}: ${
      done === undefined
        ? "the history has no record of this migration"
        : `the history records ${done} steps as done`
    }. Another process changed the history during this run. See ${
      commandHint("status")
    }`,
    { exitCode: EXIT.invalid },
  );
}
