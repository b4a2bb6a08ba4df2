import type { ClientSession, MongoClient } from "mongodb";
import { TimeoutError } from "../../base/errors/mod.ts";
import { pause } from "../../base/pause.ts";
import { MongoNetworkError } from "../link/mongodb.ts";

/** Milliseconds for the server to answer a command that was interrupted. */
const GRACE_PERIOD = 2_000;
/** Milliseconds between two requests to end a command: one that arrives before the command ends nothing. */
const AGAIN = 250;

const ignore = (): void => {};

/**
 * Runs a command of a session until the signal is aborted or `CALL_TIMEOUT` has
 * passed. Then the server ends the work of the session, and the command
 * fails with the server's answer, or without one after a short time.
 *
 * @param isFinal whether it ends a transaction: then the server goes on, and the command fails at once
 */
export type RunBounded = <T>(
  session: ClientSession,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  isFinal?: boolean,
) => Promise<T>;

/**
 * Creates the function.
 *
 * @param callTimeout milliseconds; undefined for no limit
 * @param server the server's name in errors
 */
export function createBoundedRun(
  client: MongoClient,
  callTimeout: number | undefined,
  server: string,
): RunBounded {
  return async (session, signal, work, isFinal = false) => {
    if (signal === undefined && callTimeout === undefined) return await work();
    signal?.throwIfAborted();
    const unanswered = Promise.withResolvers<never>();
    unanswered.promise.catch(ignore);
    const timers: ReturnType<typeof setTimeout>[] = [];
    const settled = new AbortController();
    const settle = (): void => settled.abort();
    let isLate = false;
    const interrupt = (): void => {
      if (!isFinal) endWork(client, session, settled.signal).catch(ignore);
      timers.push(setTimeout(
        () => unanswered.reject(new MongoNetworkError("No answer")),
        isFinal ? 0 : GRACE_PERIOD,
      ));
    };
    signal?.addEventListener("abort", interrupt, { once: true });
    if (callTimeout !== undefined) {
      timers.push(setTimeout(() => {
        isLate = true;
        interrupt();
      }, callTimeout));
    }
    try {
      const running = work();
      running.then(settle, settle);
      return await Promise.race([running, unanswered.promise]);
    } catch (cause) {
      if (!isLate) throw cause;
      throw new TimeoutError(
        `${server} did not answer within CALL_TIMEOUT (${callTimeout} ms)`,
        { cause },
      );
    } finally {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
    }
  };
}

/** Ends the work of a session on the server, until it has settled. Users may do that with their own sessions. */
async function endWork(
  client: MongoClient,
  session: ClientSession,
  settled: AbortSignal,
): Promise<void> {
  // No other command may use it afterwards: the server could still end its work.
  session.serverSession.isDirty = true;
  const command = { killSessions: [session.id] };
  while (!settled.aborted) {
    await client.db("admin").command(command);
    await pause(AGAIN, settled);
  }
}
