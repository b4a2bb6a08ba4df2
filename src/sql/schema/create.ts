import { sql } from "kysely";
import type { SchemaReport } from "../../engine.ts";
import type { AnyModel } from "../../model/types.ts";
import type { SqlDriver, SqlTransaction } from "../link.ts";
import { createTables } from "./ddl.ts";
import { currentSchema, liveTables } from "./introspect.ts";
import { lockedTransaction } from "./lock.ts";
import {
  refuseLostReferences,
  tablesBeside,
  tablesThere,
} from "./references.ts";
import { wantedTable } from "./table.ts";
import { send, verifyTables } from "./verify.ts";

/** Inserts a model's seed rows that are missing. */
export type Seeder = (tx: SqlTransaction, model: AnyModel) => Promise<void>;

/**
 * Makes the tables that are missing, in one transaction, one process at a time.
 *
 * @param verify whether those that are there must be what the models say
 * @throws {SchemaError} with every difference; nothing is changed then
 * @throws {ModelError} where a foreign key refers to what is not there
 */
export async function createSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  verify: boolean,
  seed: Seeder,
): Promise<SchemaReport> {
  const place = schema ?? await currentSchema(driver);
  const tx = await lockedTransaction(driver, place);
  try {
    // Types and functions of the schema's own go by their bare names, as in migrations.
    if (schema !== undefined) await lookIn(tx, schema);
    const live = await liveTables(
      tx,
      place,
      models.map(({ table }) => table),
    );
    const wanted = models.map((model) => wantedTable(model, models));
    const looked = models.filter(({ table }) => verify || !live.has(table));
    refuseLostReferences(
      looked,
      models,
      await tablesThere(tx, schema, tablesBeside(looked)),
    );
    if (verify && live.size > 0) await verifyTables(tx, models, live);
    const absent = wanted.filter(({ name }) => !live.has(name));
    if (schema !== undefined && absent.length > 0) {
      await send(tx, sql`create schema if not exists ${sql.id(schema)}`);
    }
    for (const statement of createTables(absent, schema)) {
      await send(tx, statement);
    }
    for (const model of models) {
      if (model.seed.length > 0) await seed(tx, model);
    }
    await tx.commit();
    return {
      created: absent.map(({ name }) => name),
      present: [...live.keys()],
    };
  } catch (error) {
    await tx.rollback();
    throw error;
  }
}

async function lookIn(tx: SqlTransaction, schema: string): Promise<void> {
  await tx.query({
    text:
      "select set_config('search_path', concat_ws(', ', quote_ident($1), nullif(current_setting('search_path'), '')), true)",
    values: [schema],
  });
}
