import { createHash } from "node:crypto";
import { TimeoutError } from "../../base/errors/mod.ts";
import { HISTORY } from "../../migrations/history/record.ts";
import type { SqlDriver, SqlTransaction } from "../link/link.ts";
import { pause } from "../../base/pause.ts";

/** The first half of the advisory lock under which a schema is changed; the second comes from the history's name. */
export const LOCK = 1_684_172_849;
/** Milliseconds to wait for another process that changes the schema. */
const LOCK_WAIT = 60_000;
/** Milliseconds between two tries; waiting inside a statement would hold up a CREATE INDEX CONCURRENTLY of the holder's. */
const LOCK_POLL = 100;

/** Both halves of a schema's lock, as parameters of the advisory lock functions. */
export function lockKey(schema: string): readonly [string, string] {
  const name = `${schema}.${HISTORY}`;
  const half = createHash("sha256").update(name).digest().readInt32BE(0);
  return [String(LOCK), String(half)];
}

/** The locks of a key, `$1` and `$2`, in this database; all who may have one are in `pg_locks`. */
export const LOCKS_OF_KEY =
  "pg_locks as held where held.locktype = 'advisory' and held.granted and held.objsubid = 2 and held.classid = cast(cast($1 as int4) as oid) and held.objid = cast(cast($2 as int4) as oid) and held.database = (select oid from pg_database where datname = current_database())";

/** Whether this session has the lock of a key already, which the server would give it again. */
export const OWN_LOCK: string =
  `exists (select from ${LOCKS_OF_KEY} and held.pid = pg_backend_pid())`;

/**
 * A transaction that alone may change a schema.
 *
 * @throws {TimeoutError} where another has been changing it for long
 */
export async function lockedTransaction(
  driver: SqlDriver,
  schema: string,
): Promise<SqlTransaction> {
  const giveUp = Date.now() + LOCK_WAIT;
  for (;;) {
    const tx = await driver.begin({});
    let had = false;
    try {
      await tx.query({
        text:
          `select case when ${OWN_LOCK} then false else pg_try_advisory_xact_lock(cast($1 as int4), cast($2 as int4)) end`,
        values: lockKey(schema),
      }, ([answer]) => had = answer === "t");
    } catch (error) {
      await tx.rollback();
      throw error;
    }
    if (had) return tx;
    await tx.rollback();
    if (Date.now() > giveUp) {
      throw new TimeoutError(
        `Cannot change the schema at ${driver.place}: another process has been changing it for ${
          LOCK_WAIT / 1000
        } s`,
      );
    }
    await pause(LOCK_POLL);
  }
}
