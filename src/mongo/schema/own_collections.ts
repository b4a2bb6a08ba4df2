import { HISTORY } from "../../migrations/history/record.ts";

/** Where the one who migrates is named. */
export const LOCK = "dbp_migrations_lock";
/** What the names of collections begin with in which a plan is tried. */
export const SCRATCH = "dbp_scratch_";

/** Whether a collection is this package's own, and no model's. */
export function isOwn(name: string): boolean {
  return name === HISTORY || name === LOCK || name.startsWith(SCRATCH);
}
