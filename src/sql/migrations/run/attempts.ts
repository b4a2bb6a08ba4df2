import { SQLSTATE } from "../../link/sqlstate.ts";
import { LockError, MigrationError } from "../../../base/errors/mod.ts";
import { stopped } from "../../../migrations/history/stopped.ts";
import { serverErrorOf, sqlStateOf } from "../../link/server_error.ts";
import { jittered, pause } from "../../../base/pause.ts";
import type { SqlLink } from "../../link/link.ts";
import { watchBlocked } from "./lock_waits.ts";
import { endedBySignal } from "./cancel_statement.ts";
import { stepFailure } from "../../schema/failure_advice.ts";
import type { StepPlace, Work } from "./step_context.ts";

/** SQLSTATEs of statements that were in somebody's way, and what each means. */
const IN_THE_WAY: Readonly<Record<string, string>> = {
  [SQLSTATE.lockNotAvailable]: "a lock was not had in time",
  [SQLSTATE.deadlockDetected]:
    "it and another transaction waited for each other",
  [SQLSTATE.serializationFailure]: "another transaction changed the same rows",
};
/** How often a step is tried. */
const ATTEMPTS = 30;
/** Milliseconds before the second try, doubled each time: others have their turn meanwhile. */
const FIRST_PAUSE = 200;
/** The most milliseconds between two tries. */
const LONGEST_PAUSE = 5_000;

/** Sends statements, and knows the one that was sent last. */
export interface Sender {
  /** Sends one; how many rows it changed. */
  send(statement: string): Promise<number>;
  readonly link: SqlLink;
}

/**
 * Does a part of a step on the session that has the lock, again where it was
 * in somebody's way.
 *
 * @param part must bear being run again
 * @throws {MigrationError} in words, with the server's error as `cause`
 * @throws {LockError} where the lock or the session was lost
 */
export async function attempts<T>(
  work: Work,
  at: StepPlace,
  part: (sender: Sender) => Promise<T>,
): Promise<T> {
  const { signal, onEvent } = work.options;
  for (let attempt = 1;; attempt++) {
    let last = "";
    const watch = watchBlocked(work, at);
    try {
      return await work.turn(async (link) => {
        await work.lock.check(link);
        return await part({
          link,
          async send(statement) {
            last = statement;
            if (signal?.aborted) throw stopped(signal);
            const { count } = await endedBySignal(
              work,
              () => link.query({ text: statement, values: [] }),
            );
            return count;
          },
        });
      });
    } catch (error) {
      if (error instanceof LockError) throw error;
      if (signal?.aborted) throw stopped(signal);
      if (error instanceof MigrationError) throw error;
      const code = sqlStateOf(error) ?? "";
      const way = IN_THE_WAY[code];
      if (way === undefined || attempt >= ATTEMPTS) {
        throw stepFailure(error, last, { by: watch.by(), attempt });
      }
      const by = watch.by();
      const reason = `${way}${by === undefined ? "" : `, which ${by} has`} (${
        serverErrorOf(error)?.message
      })`;
      const { id, place } = at;
      onEvent({ kind: "retry", id, step: place + 1, attempt, reason });
    } finally {
      watch.stop();
    }
    await pause(
      jittered(Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)),
      signal,
    );
  }
}
