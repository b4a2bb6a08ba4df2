import { ConnectionError, LockError } from "../../../base/errors/mod.ts";
import type { LockOptions, Step } from "../../../engine/migrations/mod.ts";
import type { SqlDriver, SqlLink, SqlSession } from "../../link/link.ts";
import type { HeldLock } from "./lock.ts";
import type { Pinned } from "./pinned_session.ts";
import { commandHint } from "../../../base/hints.ts";

/** What the steps of a migration session work with. */
export interface StepContext {
  readonly driver: SqlDriver;
  /** The schema of the tables and of the history. */
  readonly schema: string;
  readonly lock: HeldLock;
  readonly options: LockOptions;
  /** Cleans the session after a step. */
  readonly pinned: Pick<Pinned, "clean" | "restoreRole">;
  /**
   * Runs work on the session that holds the lock, without statements of others
   * in between.
   *
   * @throws {LockError} after the session was lost
   */
  onSession<T>(work: (link: SqlLink) => Promise<T>): Promise<T>;
}

/** Returns {@link StepContext.onSession} of a session, which fails for good once the connection, and the lock with it, is lost. */
export function guardedSession(
  exclusively: SqlSession["exclusively"],
  place: string,
): StepContext["onSession"] {
  let lost: LockError | undefined;
  return async (work) => {
    if (lost !== undefined) throw lost;
    try {
      return await exclusively(work);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      lost = new LockError(
        `Lost the migration session at ${place}, and the migration lock with it: ${error.message}. The history shows which steps are done; run ${
          commandHint("migrate")
        } again to continue there`,
        { cause: error },
      );
      throw lost;
    }
  };
}

/** A step and its position in a migration. */
export interface StepPosition {
  /** The migration. */
  readonly id: string;
  readonly step: Step;
  /** From 0. */
  readonly index: number;
}
