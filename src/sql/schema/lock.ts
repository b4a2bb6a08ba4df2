import { createHash } from "node:crypto";
import { TimeoutError } from "../../base/errors/mod.ts";
import { HISTORY } from "../../migrations/history/record.ts";
import type { SqlDriver, SqlTransaction } from "../link/link.ts";
import { row } from "../link/run.ts";
import { pause } from "../../base/pause.ts";

/** The first half of the key of a schema's advisory lock; the second is a hash of the name of its history. */
export const LOCK = 1_684_172_849;
/** Milliseconds to wait for another process that changes the schema. */
const LOCK_WAIT = 60_000;
/** Milliseconds between two attempts; a statement that waits would block CREATE INDEX CONCURRENTLY of the lock holder. */
const LOCK_POLL = 100;

/** Returns both halves of the key of a schema's lock, as parameters of the advisory lock functions. */
export function lockKey(schema: string): readonly [string, string] {
  const name = `${schema}.${HISTORY}`;
  const half = createHash("sha256").update(name).digest().readInt32BE(0);
  return [String(LOCK), String(half)];
}

/** The locks of a key, `$1` and `$2`, in this database. */
export const LOCKS_OF_KEY =
  "pg_locks as held where held.locktype = 'advisory' and held.granted and held.objsubid = 2 and held.classid = cast(cast($1 as int4) as oid) and held.objid = cast(cast($2 as int4) as oid) and held.database = (select oid from pg_database where datname = current_database())";

/** Whether this session already holds the lock of a key, which the server would grant again. */
export const OWN_LOCK: string =
  `exists (select from ${LOCKS_OF_KEY} and held.pid = pg_backend_pid())`;

/**
 * Begins a transaction that holds the lock of a schema.
 *
 * @throws {TimeoutError} if another process holds it for longer than a minute
 */
export async function lockedTransaction(
  driver: SqlDriver,
  schema: string,
): Promise<SqlTransaction> {
  const deadline = performance.now() + LOCK_WAIT;
  for (;;) {
    const tx = await driver.begin({});
    let isLocked = false;
    try {
      const [answer] = await row(
        tx,
        `select case when ${OWN_LOCK} then false else pg_try_advisory_xact_lock(cast($1 as int4), cast($2 as int4)) end`,
        lockKey(schema),
      );
      isLocked = answer === "t";
    } catch (error) {
      await tx.rollback();
      throw error;
    }
    if (isLocked) return tx;
    await tx.rollback();
    if (performance.now() > deadline) {
      throw new TimeoutError(
        `Cannot change the schema at ${driver.location}: another process has been changing it for ${
          LOCK_WAIT / 1000
        } s`,
      );
    }
    await pause(LOCK_POLL);
  }
}
