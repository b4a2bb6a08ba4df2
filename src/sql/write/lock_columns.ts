import { sql } from "../link/kysely.ts";
import type { AnyModel } from "../../model/types.ts";
import { plainText, tableOf } from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { send } from "./send.ts";

/**
 * Locks a table against changes of its columns until the end of the transaction.
 *
 * @returns whether its columns still have the types of the facts
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
  await tx.query({
    text:
      "select attname, atttypid from pg_catalog.pg_attribute where attrelid = cast($1 as regclass) and attnum > 0",
    values: [plainText(table)],
    name: "dbp_column_types",
  }, ([name, type]) => void types.set(String(name), Number(type)));
  return model.fields.every(({ column }) =>
    facts.columns.get(column)?.type === types.get(column)
  );
}
