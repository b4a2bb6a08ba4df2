import type { ClientSession, Db } from "mongodb";
import { LockError } from "../../../base/errors/mod.ts";
import { stoppedError } from "../../../migrations/history/stopped.ts";

/** Milliseconds between two requests to stop a command. */
const AGAIN = 500;

/**
 * Does some work in a session of its own. When the signal is aborted, the
 * server stops the running command of that session.
 *
 * @throws {MigrationError} if the work failed because of the signal
 */
export async function stoppable<T>(
  { client }: Db,
  signal: AbortSignal | undefined,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const session = client.startSession();
  let timer: ReturnType<typeof setInterval> | undefined;
  const kill = (): void => {
    client.db("admin").command({ killSessions: [session.id] }).catch(() => {});
  };
  const stop = (): void => {
    kill();
    // The request may arrive before the command.
    timer ??= setInterval(kill, AGAIN);
  };
  signal?.addEventListener("abort", stop);
  try {
    return await work(session);
  } catch (error) {
    if (signal?.aborted && !(error instanceof LockError)) {
      throw stoppedError(signal);
    }
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    clearInterval(timer);
    await session.endSession();
  }
}
