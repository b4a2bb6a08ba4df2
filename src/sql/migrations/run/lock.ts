import { LockError } from "../../../base/errors/mod.ts";
import type { LockOptions } from "../../../engine/migrations/mod.ts";
import { waitForLock } from "../../../migrations/history/wait_for_lock.ts";
import type { SqlDriver, SqlLink, SqlSession } from "../../link/link.ts";
import { lockKey, LOCKS_OF_KEY, OWN_LOCK } from "../../schema/lock.ts";
import { activities, ACTIVITY } from "./activity.ts";
import { poolerError } from "./refuse_pooler.ts";
import { commandHint } from "../../../base/hints.ts";

/** The migration lock of a session. */
export interface HeldLock {
  /** The server process of the session. */
  readonly pid: string;
  /**
   * Checks that the session still holds the lock.
   *
   * @throws {LockError} if it does not, or if a pooler changed the server process
   */
  check(link: SqlLink): Promise<void>;
  /** Releases the lock. */
  release(link: SqlLink): Promise<void>;
}

/**
 * Acquires the migration lock of a schema for a session. It polls, because a
 * blocking request and the holder's CREATE INDEX CONCURRENTLY would wait for
 * each other.
 *
 * @throws {LockError} naming the holder, after `wait` milliseconds
 */
export async function acquireLock(
  { location: place }: SqlDriver,
  exclusively: SqlSession["exclusively"],
  schema: string,
  options: LockOptions,
): Promise<HeldLock> {
  const key = lockKey(schema);
  return await waitForLock(place, options, {
    async tryAcquire() {
      const { pid, held } = await exclusively((link) => tryLock(link, key));
      if (!held) return undefined;
      const lock = heldLock(place, pid, key);
      try {
        await exclusively(lock.check);
      } catch (error) {
        await exclusively(lock.release).catch(() => {});
        throw error;
      }
      return lock;
    },
    holder: async () => ({
      holder: await exclusively((link) => lockHolder(link, key)),
    }),
  });
}

function heldLock(
  place: string,
  pid: string,
  key: readonly [string, string],
): HeldLock {
  return {
    pid,
    async check(link) {
      const now = await ownLock(link, key);
      if (now.pid !== pid) throw poolerError(place, [pid, now.pid]);
      if (!now.held) {
        throw new LockError(
          `Lost the migration lock at ${place}: the session (process ${pid}) no longer holds it. If a migration file calls pg_advisory_unlock_all, it releases this lock too: unlock single locks instead. Run ${
            commandHint("migrate")
          } again to continue`,
        );
      }
    },
    async release(link) {
      await link.query({
        text:
          `select pg_advisory_unlock(cast($1 as int4), cast($2 as int4)) where ${OWN_LOCK}`,
        values: key,
      });
    },
  };
}

function tryLock(
  link: SqlLink,
  key: readonly [string, string],
): Promise<{ pid: string; held: boolean }> {
  return lockQuery(
    link,
    `select pg_backend_pid(), case when ${OWN_LOCK} then false else pg_try_advisory_lock(cast($1 as int4), cast($2 as int4)) end`,
    key,
  );
}

function ownLock(
  link: SqlLink,
  key: readonly [string, string],
): Promise<{ pid: string; held: boolean }> {
  return lockQuery(link, `select pg_backend_pid(), ${OWN_LOCK}`, key);
}

async function lockQuery(
  link: SqlLink,
  text: string,
  values: readonly [string, string],
): Promise<{ pid: string; held: boolean }> {
  let [pid, held] = ["", false];
  await link.query({ text, values }, ([process, answer]) => {
    pid = String(process);
    held = answer === "t";
  });
  return { pid, held };
}

/** Describes the session that holds the lock of a key; undefined if none does. */
export function lockHolder(
  link: SqlLink,
  key: readonly [string, string],
): Promise<string | undefined> {
  return activities(link, {
    text:
      `select ${ACTIVITY} from pg_stat_activity a where a.pid in (select held.pid from ${LOCKS_OF_KEY})`,
    values: key,
  });
}
