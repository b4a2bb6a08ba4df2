import type { SchemaReport } from "../../engine/engine.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Collations } from "../codec/collations.ts";
import { SchemaError } from "../../base/errors/mod.ts";
import type { SqlDriver, SqlTransaction } from "../link/link.ts";
import { quotedName } from "../codec/quote.ts";
import { extensionSchemas } from "./session_settings.ts";
import { createEnum, enumDifferences } from "./enum_types.ts";
import { createFailure } from "./create_failure.ts";
import { createTables } from "./create_tables.ts";
import { currentSchema, definedTables } from "./introspect.ts";
import { lockedTransaction } from "./lock.ts";
import { isMissing, providerOf } from "./extension_hint.ts";
import {
  assertReferences,
  existingTables,
  referencedTables,
} from "./references.ts";
import { textCollation, wantedTable } from "./table.ts";
import { preparePositions } from "./prepare_positions.ts";
import { row, run } from "../link/run.ts";
import { seedParts } from "./seed_parts.ts";
import { verifyTables } from "./verify.ts";
import { commandHint } from "../../base/hints.ts";

/** Inserts the missing seed rows of a model. */
export type Seeder = (
  tx: SqlTransaction,
  model: AnyModel,
  rows: readonly object[],
) => Promise<void>;

/** Options of {@link createSchema}. */
interface SchemaOptions {
  /** The schema of the tables (default: that of the connection). */
  readonly schema: string | undefined;
  /** Whether existing tables must match the models. */
  readonly verify: boolean;
  /** How the database compares text. */
  readonly collations: Pick<Collations, "isByCodePoint">;
}

/**
 * Creates the missing tables in one transaction, by one process at a time.
 *
 * @throws {SchemaError} with every difference; then nothing is changed
 * @throws {ModelError} if a foreign key refers to an unknown table or field
 */
export async function createSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  { schema, verify, collations }: SchemaOptions,
  seed: Seeder,
): Promise<SchemaReport> {
  const home = schema ?? await currentSchema(driver);
  const collation = textCollation(collations.isByCodePoint);
  const tx = await lockedTransaction(driver, home);
  try {
    await setSearchPath(tx, home);
    const live = await definedTables(
      tx,
      home,
      models.map(({ table }) => table),
    );
    const checked = models.filter(({ table }) => verify || !live.has(table));
    assertReferences(
      checked,
      models,
      await existingTables(tx, schema, referencedTables(checked)),
    );
    // Even with IF NOT EXISTS, the server requires CREATE on the database.
    if (
      schema !== undefined && models.some(({ table }) => !live.has(table)) &&
      !await hasSchema(tx, schema)
    ) {
      await run(tx, `create schema if not exists ${quotedName(schema)}`);
    }
    const positions = await preparePositions(tx, checked, live, home);
    const wanted = models.map((model) =>
      wantedTable(model, models, collation, positions.prefixesOf(model))
    );
    const absent = wanted.filter(({ name }) => !live.has(name));
    const types = await enumDifferences(
      tx,
      models.filter(({ table }) => !live.has(table)),
    );
    for (const type of types.filter(({ isNew }) => isNew)) {
      await run(tx, createEnum(type, schema));
    }
    if (verify && live.size > 0) await verifyTables(tx, models, wanted, live);
    for (const statement of createTables(absent, schema)) {
      try {
        await run(tx, statement);
      } catch (error) {
        throw createFailure(error, statement, absent, schema);
      }
    }
    for (const model of models) {
      for (const { rows, advance } of seedParts(model)) {
        await seed(tx, model, rows);
        if (live.has(model.table)) continue;
        for (const statement of advance) await run(tx, statement);
      }
    }
    await tx.commit();
    return {
      created: absent.map(({ name }) => name),
      present: [...live.keys()],
      notes: positions.notes,
    };
  } catch (error) {
    await tx.rollback();
    throw await withExtensionHint(driver, home, error);
  }
}

async function hasSchema(tx: SqlTransaction, schema: string): Promise<boolean> {
  const [answer] = await row(
    tx,
    "select exists (select from pg_namespace where nspname = $1)",
    [schema],
  );
  return answer === "t";
}

/** Makes types and functions of the schema and of extensions visible, as migrations do. */
async function setSearchPath(
  tx: SqlTransaction,
  schema: string,
): Promise<void> {
  await tx.query({
    text:
      "select set_config('search_path', concat_ws(', ', quote_ident($1), nullif(current_setting('search_path'), ''), nullif($2, '')), true)",
    values: [
      schema,
      (await extensionSchemas(tx, schema)).map(quotedName).join(", "),
    ],
  });
}

/** Returns the error, with a hint if an extension is missing: it affects the whole database, so that only a migration or an administrator should create it. */
async function withExtensionHint(
  driver: SqlDriver,
  schema: string,
  error: unknown,
): Promise<unknown> {
  if (!isMissing(error)) return error;
  const tx = await driver.begin({});
  try {
    await setSearchPath(tx, schema);
    const provider = await providerOf(tx, error);
    if (provider === undefined || provider.kind === "other") return error;
    const { message, extension } = provider;
    const advice = provider.kind === "absent"
      ? "this server does not have it: its administrator must install it"
      : provider.kind === "elsewhere"
      ? `it is in the schema ${provider.schema}: write ${provider.schema}. before its names in the models`
      : `it is not in this database: run CREATE EXTENSION "${extension}" first, or run ${
        commandHint("initdb")
      }, which writes a migration that creates it`;
    return new SchemaError(
      `Cannot create the tables of the models: ${message}. The extension ${extension} provides it, but ${advice}`,
      { cause: error },
    );
  } finally {
    await tx.rollback();
  }
}
