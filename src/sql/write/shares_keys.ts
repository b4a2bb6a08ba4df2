import { fieldsNamed, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { columnOf, columnsOf } from "../codec/sql_piece.ts";
import { sql } from "../link/kysely.ts";
import type { SqlTransaction } from "../link/link.ts";
import { send } from "./send.ts";
import type { Stage } from "./stage.ts";

/**
 * Returns whether two rows of a stage with different first keys share another
 * key. Then the order of the rows decides which one is inserted, so they cannot
 * be sorted by the first key.
 */
export async function sharesKeys(
  tx: SqlTransaction,
  model: AnyModel,
  { source, columns }: Stage,
): Promise<boolean> {
  const [first = [], ...others] = keysOf(model).map((key) =>
    fieldsNamed(model, key)
  );
  for (const key of others) {
    // Rows may share a key that the server computes.
    if (key.some(({ filled }) => filled === "generated")) return true;
    // The server gives each row another value for the missing columns.
    if (!key.every((field) => columns.includes(field))) continue;
    const own = first.filter((field) => columns.includes(field));
    const rows = own.length === 0
      ? sql`count(*)`
      : sql`count(distinct row(${columnsOf(own)}))`;
    const given = key.map((field) => sql`${columnOf(field)} is not null`);
    const shared = sql`select from ${source} where ${
      sql.join(given, sql` and `)
    } group by ${columnsOf(key)} having ${rows} > 1 limit 1`;
    if (await send(tx, shared) > 0) return true;
  }
  return false;
}
