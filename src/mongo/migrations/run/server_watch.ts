import type { ClientSession, Db } from "mongodb";
import { ConnectionError, withOutcome } from "../../../base/errors/mod.ts";
import type { LockOptions } from "../../../engine/migrations/mod.ts";
import {
  watchWork,
  type WorkState,
} from "../../../migrations/history/watch_work.ts";
import { serverCode, UNREACHABLE_CODES } from "../../link/codes.ts";
import { isSelectionFailure } from "../../link/mongo_error.ts";

/** Milliseconds for the answer to a question. Its connection may be dead. */
const ANSWER = 3_000;

/** A watch on the server while a run waits for it. */
export interface ServerWatch {
  /** Whether no server could be reached: then further calls need not wait for one again. */
  readonly isLost: boolean;
  /** The session of the running step. */
  session: ClientSession | undefined;
  /**
   * Waits for some work. If the server does not answer, events report it, and the
   * signal ends the wait at once.
   *
   * @throws {ConnectionError} if the signal ended the wait
   */
  within<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Creates the watch of a run.
 *
 * @param place the database, for errors and events
 */
export function createServerWatch(
  db: Db,
  place: string,
  options: Pick<LockOptions, "signal" | "onEvent">,
): ServerWatch {
  /** The first error that says that no server can be reached. */
  let lost: unknown;
  const watch: ServerWatch = {
    get isLost() {
      return lost !== undefined;
    },
    session: undefined,
    async within(work) {
      if (lost !== undefined) throw lost;
      const ended = Promise.withResolvers<never>();
      let state: WorkState | undefined;
      const { stop } = watchWork({
        place,
        async ask() {
          state = undefined;
          return state = await stateOf(db, watch.session);
        },
        end(reason) {
          const error = new ConnectionError(`Lost ${place}: ${reason}`);
          if (state !== "idle") lost = error;
          ended.reject(withOutcome(error, "unknown"));
        },
      }, options);
      try {
        return await Promise.race([work(), ended.promise]);
      } catch (error) {
        if (isSelectionFailure(error)) lost = error;
        throw error;
      } finally {
        stop();
      }
    },
  };
  return watch;
}

/** Asks the server about the command of a session. Users may ask about their own. */
async function stateOf(
  { client }: Db,
  session: ClientSession | undefined,
): Promise<WorkState> {
  try {
    const found = await client.db("admin").aggregate([
      { $currentOp: { allUsers: false, localOps: true } },
      { $match: { active: true, "lsid.id": session?.id?.id ?? null } },
      { $limit: 1 },
    ], { timeoutMS: ANSWER, readPreference: "primary" }).toArray();
    if (session === undefined) return "unknown";
    return found.length > 0 ? "busy" : "idle";
  } catch (error) {
    const code = serverCode(error);
    return code === undefined || UNREACHABLE_CODES.has(code)
      ? "unreachable"
      : "unknown";
  }
}
