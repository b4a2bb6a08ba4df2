import type { ClientSession, Db } from "mongodb";
import { LockError } from "../../../base/errors/mod.ts";
import { stopped } from "../../../migrations/history/stopped.ts";

/** Milliseconds between two attempts to end what is under way. */
const AGAIN = 500;

/**
 * Does some work in a session of its own, and has the server end the command
 * that is under way in it once a signal says so.
 *
 * @throws {MigrationError} where the work ended by it
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
    // A command may have been on its way yet.
    timer ??= setInterval(kill, AGAIN);
  };
  signal?.addEventListener("abort", stop);
  try {
    return await work(session);
  } catch (error) {
    if (signal?.aborted && !(error instanceof LockError)) throw stopped(signal);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    clearInterval(timer);
    await session.endSession();
  }
}
