import { sql } from "../link/kysely.ts";
import type { AnyModel } from "../../model/types.ts";
import { plainText, tableOf } from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { send } from "./send.ts";

/**
 * Locks a table against changes of its columns and rules until the end of the
 * transaction.
 *
 * @returns whether COPY can still write into it: its columns have the types of the
 * facts, and it has no rule on inserts, which COPY would bypass
 */
export async function lockColumns(
  tx: SqlTransaction,
  model: AnyModel,
  facts: TableFacts,
  schema: string | undefined,
): Promise<boolean> {
  const table = tableOf(model, schema);
  await send(tx, sql`lock table ${table} in row exclusive mode`);
  const types = new Map<string, number>();
  let hasRule = false;
  await tx.query({
    text:
      "select attname, atttypid, exists (select from pg_catalog.pg_rewrite where ev_class = cast($1 as regclass) and ev_type = '3' and ev_enabled <> 'D') from pg_catalog.pg_attribute where attrelid = cast($1 as regclass) and attnum > 0",
    values: [plainText(table)],
    name: "dbp_column_types",
  }, ([name, type, isRuled]) => {
    types.set(String(name), Number(type));
    hasRule = isRuled === "t";
  });
  return !hasRule &&
    model.fields.every(({ column }) =>
      facts.columns.get(column)?.type === types.get(column)
    );
}
