import {
  beforeWrites,
  MigrationError,
  withOutcome,
} from "../../base/errors/mod.ts";
import { untilAborted } from "../../query/limit/limit.ts";

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

/**
 * Returns the result of a read, also if the server never answers. If the signal
 * is aborted already, the caller handles it. If the read fails, nothing was
 * written.
 *
 * @throws {MigrationError} if the signal is aborted before the read ends
 */
export async function unlessStopped<T>(
  signal: AbortSignal | undefined,
  place: string,
  read: Promise<T>,
): Promise<T> {
  if (signal === undefined || signal.aborted) return await beforeWrites(read);
  try {
    return await untilAborted(signal, read);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) {
      throw withOutcome(error, "not applied");
    }
    throw new MigrationError(`Stopped while reading ${place}`, {
      cause: signal.reason,
    });
  }
}
