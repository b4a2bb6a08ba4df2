import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { SchemaReport } from "../../engine.ts";
import { SchemaError, TimeoutError } from "../../errors.ts";
import type { AnyModel } from "../../model/types.ts";
import { plainText, type Sql, tableOf } from "../builder.ts";
import type { SqlDriver, SqlLink, SqlTransaction } from "../link.ts";
import { createTables } from "./ddl.ts";
import { differences } from "./differences.ts";
import { currentSchema, type LiveTable, liveTables } from "./introspect.ts";
import { wantedTable } from "./table.ts";

/** Where applied migrations are recorded. */
const HISTORY = "dbp_migrations";
/** The first half of the advisory lock under which the schema is changed; the second comes from the history's name. */
const LOCK = 1_684_172_849;
/** Milliseconds to wait for another process that changes the schema. */
const LOCK_WAIT = 60_000;
/** Milliseconds between two tries; waiting inside a statement would hold up a CREATE INDEX CONCURRENTLY of the holder's. */
const LOCK_POLL = 100;
/** How long a drop may wait for a table that others use. */
const DROP_WAIT = "10s";

/** Inserts a model's seed rows that are missing. */
export type Seeder = (tx: SqlTransaction, model: AnyModel) => Promise<void>;

/**
 * Makes the tables that are missing, in one transaction, one process at a time.
 *
 * @param verify whether those that are there must be what the models say
 * @throws {SchemaError} with every difference; nothing is changed then
 */
export async function createSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  verify: boolean,
  seed: Seeder,
): Promise<SchemaReport> {
  const place = schema ?? await currentSchema(driver);
  const tx = await locked(driver, place);
  try {
    const live = await liveTables(
      tx,
      place,
      models.map(({ table }) => table),
    );
    const wanted = models.map((model) => wantedTable(model, models));
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

/** Drops the models' tables and the history, and names those that were there. */
export async function dropSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  const place = schema ?? await currentSchema(driver);
  const tx = await locked(driver, place);
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

/** A transaction that alone may change the schema. */
async function locked(
  driver: SqlDriver,
  schema: string,
): Promise<SqlTransaction> {
  const name = `${schema}.${HISTORY}`;
  const key = createHash("sha256").update(name).digest().readInt32BE(0);
  const giveUp = Date.now() + LOCK_WAIT;
  for (;;) {
    const tx = await driver.begin({});
    let had = false;
    try {
      await tx.query({
        text: "select pg_try_advisory_xact_lock($1, $2)",
        values: [String(LOCK), String(key)],
      }, ([answer]) => had = answer === "t");
    } catch (error) {
      await tx.rollback();
      throw error;
    }
    if (had) return tx;
    await tx.rollback();
    if (Date.now() > giveUp) {
      throw new TimeoutError(
        `Cannot change the schema at ${driver.place}: another process has been changing it for ${
          LOCK_WAIT / 1000
        } s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL));
  }
}

/**
 * Compares tables with what the models want. The models are made as temporary
 * tables first, so that the server itself spells types, defaults and rules the
 * same way on both sides; a savepoint takes them away again.
 */
async function verifyTables(
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

async function send(link: SqlLink, piece: Sql): Promise<void> {
  await link.query({ text: plainText(piece), values: [] });
}
