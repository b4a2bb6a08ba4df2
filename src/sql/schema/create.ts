import { sql } from "kysely";
import type { SchemaReport } from "../../engine/engine.ts";
import type { AnyModel } from "../../model/types.ts";
import { SchemaError } from "../../base/errors/mod.ts";
import type { SqlDriver, SqlTransaction } from "../link/link.ts";
import { quotedName } from "../codec/quote.ts";
import { extensionSchemas } from "./session_settings.ts";
import { createTables } from "./ddl.ts";
import { currentSchema, liveTables } from "./introspect.ts";
import { lockedTransaction } from "./lock.ts";
import { isMissing, providerOf } from "./extension_hint.ts";
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
    await lookIn(tx, place);
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
    throw await unmade(driver, place, error);
  }
}

/** Types and functions of the schema's own and of extensions go by their bare names, as in migrations. */
async function lookIn(tx: SqlTransaction, schema: string): Promise<void> {
  await tx.query({
    text:
      "select set_config('search_path', concat_ws(', ', quote_ident($1), nullif(current_setting('search_path'), ''), nullif($2, '')), true)",
    values: [
      schema,
      (await extensionSchemas(tx, schema)).map(quotedName).join(", "),
    ],
  });
}

/** Why tables could not be made, in words where an extension lacks: one is made for the whole database, which only files of migrations or a person should do. */
async function unmade(
  driver: SqlDriver,
  schema: string,
  error: unknown,
): Promise<unknown> {
  if (!isMissing(error)) return error;
  const tx = await driver.begin({});
  try {
    await lookIn(tx, schema);
    const provider = await providerOf(tx, error);
    if (provider === undefined || provider.kind === "other") return error;
    const { message, extension } = provider;
    const why = provider.kind === "absent"
      ? "which this server does not have: its administrator must install it"
      : provider.kind === "elsewhere"
      ? `which is in the schema ${provider.schema}: write ${provider.schema}. before its names in the models`
      : `which is not in this database: say CREATE EXTENSION "${extension}" first, or let a migration make it, as \`dbp initdb\` writes one`;
    return new SchemaError(
      `Cannot make the models' tables: ${message}. The extension ${extension} provides it, ${why}`,
      { cause: error },
    );
  } finally {
    await tx.rollback();
  }
}
