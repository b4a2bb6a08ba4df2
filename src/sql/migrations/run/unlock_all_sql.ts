import { LOCK } from "../../schema/lock.ts";

/**
 * Returns a query that releases the advisory locks of this session once, except
 * for the migration lock, and returns a row for each. A lock that was acquired
 * several times stays held.
 *
 * @param kept a condition on `held` for locks that stay held
 */
export function unlockAllSql(kept = "false"): string {
  const [one, two] = [
    "cast(held.classid as bigint) << 32 | cast(held.objid as bigint)",
    "cast(held.classid as int4), cast(held.objid as int4)",
  ];
  const unlock = (name: string): string =>
    `case held.objsubid when 1 then ${name}(${one}) else ${name}(${two}) end`;
  return `select case held.mode when 'ShareLock' then ${
    unlock("pg_advisory_unlock_shared")
  } else ${unlock("pg_advisory_unlock")} end
from pg_locks held
where held.locktype = 'advisory' and held.granted and held.pid = pg_backend_pid()
  and not (held.objsubid = 2 and held.classid = cast(cast(${LOCK} as int4) as oid))
  and not (${kept})`;
}
