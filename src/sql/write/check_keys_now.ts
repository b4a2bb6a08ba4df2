import { sql } from "../link/kysely.ts";
import type { SqlTransaction } from "../link/link.ts";
import { send } from "./send.ts";

/** Makes deferred constraints fail at their statement, where a write can be repeated, instead of at the commit. */
export async function checkKeysNow(tx: SqlTransaction): Promise<void> {
  await send(tx, sql`set constraints all immediate`);
}
