import { MigrationError } from "../../base/errors/mod.ts";

/** Returns the error for a step that a signal stopped. */
export function stoppedError({ reason }: AbortSignal): MigrationError {
  return new MigrationError("The step was stopped", { cause: reason });
}

/** @throws {MigrationError} if a signal ended the wait for the migration lock */
export function assertNotStopped(
  signal: AbortSignal | undefined,
  place: string,
): void {
  if (!signal?.aborted) return;
  throw new MigrationError(
    `Stopped while waiting for the migration lock at ${place}`,
    { cause: signal.reason },
  );
}
