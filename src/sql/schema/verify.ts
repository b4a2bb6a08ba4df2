import { sql } from "kysely";
import { SchemaError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { plainText, type Sql } from "../codec/sql_text.ts";
import type { SqlLink, SqlTransaction } from "../link/link.ts";
import { createTables } from "./ddl.ts";
import { differences } from "./differences.ts";
import { type LiveTable, liveTables } from "./introspect.ts";
import { wantedTable } from "./table.ts";

/**
 * Compares tables with what the models want. The models are made as temporary
 * tables first, so that the server itself spells types, defaults and rules the
 * same way on both sides; a savepoint takes them away again.
 *
 * @throws {SchemaError} with every difference
 */
export async function verifyTables(
  tx: SqlTransaction,
  models: readonly AnyModel[],
  live: ReadonlyMap<string, LiveTable>,
): Promise<void> {
  const scratch = await scratchTables(tx, models);
  const found = [...live.values()].flatMap((table) => {
    const wanted = scratch.get(table.name);
    return wanted === undefined ? [] : differences(table, wanted);
  });
  if (found.length === 0) return;
  throw new SchemaError(
    `The tables are not what the models say:\n  ${found.join("\n  ")}`,
    { differences: found },
  );
}

async function scratchTables(
  tx: SqlTransaction,
  models: readonly AnyModel[],
): Promise<ReadonlyMap<string, LiveTable>> {
  await send(tx, sql`savepoint dbp_scratch`);
  const tables = models.map((model) => wantedTable(model, models));
  for (const statement of createTables(tables, "pg_temp")) {
    await send(tx, statement);
  }
  const scratch = await liveTables(
    tx,
    "pg_temp",
    tables.map(({ name }) => name),
  );
  await send(tx, sql`rollback to savepoint dbp_scratch`);
  return scratch;
}

/** Sends a statement that has no values. */
export async function send(link: SqlLink, piece: Sql): Promise<void> {
  await link.query({ text: plainText(piece), values: [] });
}
