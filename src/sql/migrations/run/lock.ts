import { durationText } from "../../../base/duration_text.ts";
import { LockError } from "../../../base/errors/mod.ts";
import type { LockOptions } from "../../../engine/migrations/mod.ts";
import { stopWaiting } from "../../../migrations/history/stopped.ts";
import { jittered, pause } from "../../../base/pause.ts";
import type { SqlDriver, SqlLink, SqlSession } from "../../link/link.ts";
import { lockKey, LOCKS_OF_KEY, OWN_LOCK } from "../../schema/lock.ts";
import { activities, ACTIVITY } from "./activity.ts";
import { pooler } from "./refuse_pooler.ts";

/** The most milliseconds between two tries. A statement that waited for the lock would hold up the holder's CREATE INDEX CONCURRENTLY, and be held up by it. */
const POLL = 300;
/** Milliseconds between two events of waiting. */
const TELL = 1_000;

/** A lock that a session has. */
export interface HeldLock {
  /** The server's process that has it. */
  readonly pid: string;
  /**
   * Makes sure that it is still there.
   *
   * @throws {LockError} where it is not, or where a pooler changes sessions
   */
  check(link: SqlLink): Promise<void>;
  /** Gives it back. */
  free(link: SqlLink): Promise<void>;
}

/**
 * Takes the lock of a schema for a session, by asking again and again.
 *
 * @throws {LockError} with the holder, when the wait is over
 */
export async function takeLock(
  { place }: SqlDriver,
  together: SqlSession["together"],
  schema: string,
  { wait, signal, onEvent }: LockOptions,
): Promise<HeldLock> {
  const key = lockKey(schema);
  const began = performance.now();
  let told = -TELL;
  for (;;) {
    stopWaiting(signal, place);
    const { pid, had } = await together((link) => tryLock(link, key));
    if (had) {
      const lock = heldLock(place, pid, key);
      try {
        await together(lock.check);
      } catch (error) {
        await together(lock.free).catch(() => {});
        throw error;
      }
      onEvent({ kind: "locked" });
      return lock;
    }
    const holder = await together((link) => holderOf(link, key));
    const milliseconds = performance.now() - began;
    if (milliseconds >= wait) throw taken(place, milliseconds, holder);
    if (milliseconds - told >= TELL) {
      told = milliseconds;
      onEvent({
        kind: "waiting",
        holder: holder ?? "another process",
        milliseconds,
      });
    }
    await pause(jittered(Math.min(POLL, wait - milliseconds + 1)), signal);
  }
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
      if (now.pid !== pid) throw pooler(place, [pid, now.pid]);
      if (!now.had) {
        throw new LockError(
          `Lost the lock of migrations at ${place}: the session that took it (process ${pid}) does not have it any more. Run migrate again: it goes on where this ended. A file that calls pg_advisory_unlock_all gives the lock away: let it unlock its own`,
        );
      }
    },
    async free(link) {
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
): Promise<{ pid: string; had: boolean }> {
  return asked(
    link,
    `select pg_backend_pid(), case when ${OWN_LOCK} then false else pg_try_advisory_lock(cast($1 as int4), cast($2 as int4)) end`,
    key,
  );
}

function ownLock(
  link: SqlLink,
  key: readonly [string, string],
): Promise<{ pid: string; had: boolean }> {
  return asked(link, `select pg_backend_pid(), ${OWN_LOCK}`, key);
}

async function asked(
  link: SqlLink,
  text: string,
  values: readonly [string, string],
): Promise<{ pid: string; had: boolean }> {
  let [pid, had] = ["", false];
  await link.query({ text, values }, ([process, answer]) => {
    pid = String(process);
    had = answer === "t";
  });
  return { pid, had };
}

/** Who has the lock of a key, in words; undefined where nobody does. */
export function holderOf(
  link: SqlLink,
  key: readonly [string, string],
): Promise<string | undefined> {
  return activities(link, {
    text:
      `select ${ACTIVITY} from pg_stat_activity a where a.pid in (select held.pid from ${LOCKS_OF_KEY})`,
    values: key,
  });
}

function taken(
  place: string,
  milliseconds: number,
  holder: string | undefined,
): LockError {
  return new LockError(
    `Cannot migrate ${place}: another process has the lock of migrations, after ${
      durationText(milliseconds)
    } of waiting: ${
      holder ?? "it ended just now"
    }. Wait longer with --lock-wait, or end it`,
    { holder },
  );
}
