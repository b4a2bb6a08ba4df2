import {
  ConnectionError,
  LockError,
  outcomeOf,
  withOutcome,
} from "../../../base/errors/mod.ts";
import type { LockOptions, Step } from "../../../engine/migrations/mod.ts";
import type { SqlDriver, SqlLink, SqlSession } from "../../link/link.ts";
import type { HeldLock } from "./lock.ts";
import type { Pinned } from "./pinned_session.ts";

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

/** A session that fails for good once the connection, and the lock with it, is lost. */
export interface GuardedSession extends Pick<StepContext, "onSession"> {
  /** Whether the connection is lost. */
  isLost(): boolean;
}

/** Guards the turns of a session. */
export function guardedSession(
  exclusively: SqlSession["exclusively"],
  place: string,
): GuardedSession {
  let lost: LockError | undefined;
  const onSession: StepContext["onSession"] = async (work) => {
    if (lost !== undefined) throw lost;
    try {
      return await exclusively(work);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      lost = withOutcome(
        new LockError(
          `Lost the migration session at ${place}, and the migration lock with it: ${error.message}`,
          { cause: error },
        ),
        outcomeOf(error),
      );
      throw lost;
    }
  };
  return { onSession, isLost: () => lost !== undefined };
}

/** A step and its position in a migration. */
export interface StepPosition {
  /** The migration. */
  readonly id: string;
  readonly step: Step;
  /** From 0. */
  readonly index: number;
}
