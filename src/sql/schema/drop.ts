import { sql } from "kysely";
import type { AnyModel } from "../../model/types.ts";
import { tableOf } from "../codec/sql_text.ts";
import type { SqlDriver } from "../link/link.ts";
import { currentSchema, liveTables } from "./introspect.ts";
import { HISTORY } from "../../migrations/history/record.ts";
import { lockedTransaction } from "./lock.ts";
import { send } from "./verify.ts";

/** How long a drop may wait for a table that others use. */
const DROP_WAIT = "10s";

/** Drops the models' tables and the history, and names those that were there. */
export async function dropSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  const place = schema ?? await currentSchema(driver);
  const tx = await lockedTransaction(driver, place);
  try {
    const names = [...models.map(({ table }) => table), HISTORY];
    const live = await liveTables(tx, place, names);
    const there = names.filter((name) => live.has(name));
    if (there.length > 0) {
      const tables = there.map((table) => tableOf({ table }, schema));
      await send(tx, sql`set local lock_timeout = ${sql.lit(DROP_WAIT)}`);
      await send(tx, sql`drop table ${sql.join(tables)}`);
    }
    await tx.commit();
    return there;
  } catch (error) {
    await tx.rollback();
    throw error;
  }
}
