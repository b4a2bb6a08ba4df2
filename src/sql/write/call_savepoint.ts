import { sql } from "../link/kysely.ts";
import type { SqlTransaction } from "../link/link.ts";
import { send } from "./send.ts";

/** The savepoint of a bulk write in a transaction of the caller, which can go on after an error that no statement has. */
export interface CallSavepoint {
  /** Sets it before the first write. */
  set(): Promise<void>;
  /** Undoes the writes of the call. */
  undo(): Promise<void>;
}

/** Creates the savepoint. */
export function createCallSavepoint(tx: SqlTransaction): CallSavepoint {
  let isSet = false;
  return {
    async set() {
      if (isSet) return;
      await send(tx, sql`savepoint dbp_call`);
      isSet = true;
    },
    async undo() {
      if (isSet) await send(tx, sql`rollback to savepoint dbp_call`);
    },
  };
}
