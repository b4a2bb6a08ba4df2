import { MigrationError } from "../../base/errors/mod.ts";

/** That a signal ended a step. */
export function stopped({ reason }: AbortSignal): MigrationError {
  return new MigrationError("It was stopped", { cause: reason });
}

/** @throws {MigrationError} where a signal ended the wait for the lock at a place */
export function stopWaiting(
  signal: AbortSignal | undefined,
  place: string,
): void {
  if (!signal?.aborted) return;
  throw new MigrationError(
    `Stopped while waiting for the lock on the migrations of ${place}`,
    { cause: signal.reason },
  );
}
