import { ConnectionError, LockError } from "../../../base/errors/mod.ts";
import type { LockOptions, Step } from "../../../engine/migrations/mod.ts";
import type { SqlDriver, SqlLink, SqlSession } from "../../link/link.ts";
import type { HeldLock } from "./lock.ts";
import type { Pinned } from "./pinned_session.ts";

/** What a session of migrations works with. */
export interface Work {
  readonly driver: SqlDriver;
  /** The schema of the tables and of the history. */
  readonly schema: string;
  readonly lock: HeldLock;
  readonly options: LockOptions;
  /** What a step may not leave behind, taken away. */
  readonly pinned: Pick<Pinned, "clean" | "asOwn">;
  /**
   * Sends statements that nothing comes between, on the session that has the
   * lock.
   *
   * @throws {LockError} where the session was lost, from then on
   */
  turn<T>(turn: (link: SqlLink) => Promise<T>): Promise<T>;
}

/** The turns of a session that is of no more use once its connection was lost, for the lock went with it. */
export function guardedTurns(
  together: SqlSession["together"],
  place: string,
): Work["turn"] {
  let lost: LockError | undefined;
  return async (turn) => {
    if (lost !== undefined) throw lost;
    try {
      return await together(turn);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      lost = new LockError(
        `Lost the session of migrations at ${place}, and its lock with it: ${error.message}. What it was doing is done or not, as the history says; run migrate again: it goes on there`,
        { cause: error },
      );
      throw lost;
    }
  };
}

/** A step and where it stands. */
export interface StepPlace {
  /** The migration. */
  readonly id: string;
  readonly step: Step;
  /** Its index, from 0. */
  readonly place: number;
  /** How many steps there are. */
  readonly steps: number;
}
