import { OWN_TABLES } from "../../migrations/history/own_tables.ts";

/** The collection of the locks of upserts without a unique key. */
export const UPSERT_LOCKS = "dbp_upsert_locks";
/** The collection that names the lock holder. */
export const LOCK = "dbp_migrations_lock";
/** The prefix of the collections of a proof. */
export const SCRATCH = "dbp_scratch_";

/** Returns whether a collection belongs to this package. */
export function isOwn(name: string): boolean {
  return OWN_TABLES.includes(name) || name === LOCK || name === UPSERT_LOCKS ||
    name.startsWith(SCRATCH);
}
