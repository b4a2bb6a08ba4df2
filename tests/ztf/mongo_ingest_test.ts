// Real alerts leave the same rows on MongoDB as on PostgreSQL, in any order and with concurrent writers.
import { type AnyModel, connect, type Connection } from "@alerce/db-plugins";
import {
  ingestAlerts,
  readAlerts,
  type ZtfAlert,
} from "@alerce/db-plugins/ztf";
import { ALERCE_MODELS, Ps1_ztf } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import pg from "pg";
import { ORDERS, SMALL, testOnOrders } from "../support/alerts.ts";
import {
  clientConfig,
  freshSchema,
  mongoEngine,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { program, ROOT } from "../support/program.ts";
import { hashes } from "../support/tables.ts";

/** Runs on ALeRCE's tables in a new database, which is dropped afterwards. */
async function onTables<T>(
  settings: object,
  run: (db: Connection) => Promise<T>,
): Promise<T> {
  await using db = await connect(settings);
  try {
    await db.createDb();
    return await run(db);
  } finally {
    await db.dropDb();
  }
}

async function inProcess(
  settings: object,
  path: string,
  order: string,
): Promise<void> {
  const { code, err } = await program([
    `${ROOT}tests/ztf/ingest_child.ts`,
    path,
    order,
  ], { env: { DBP_TEST_SETTINGS: JSON.stringify(settings) } });
  assert.equal(code, 0, err);
}

if (withoutMongo) {
  Deno.test.ignore(
    "mongodb: real alerts leave what they leave on SQL",
    () => {},
  );
} else {
  testOnOrders(
    "real alerts, in two batches at a time and by several processes at once on MongoDB, backwards on PostgreSQL, leave equal tables, to this library and to each database's own client",
    async ({ path, rows }) => {
      const alerts = await Array.fromAsync(readAlerts(path));
      const sql = { ...postgresSettings(), SCHEMA: freshSchema() };
      await onTables(sql, async (postgres) => {
        await ingestAlerts(postgres, alerts.toReversed(), { batchSize: 300 });
        const expected = await hashes(postgres, ALERCE_MODELS);
        assert.match(
          expected.detection ?? "",
          new RegExp(`^${rows.detections} rows`),
        );
        const forwards = mongoSettings();
        await onTables(forwards, async (mongo) => {
          const counted = await ingestAlerts(mongo, alerts, {
            ...{ batchSize: 100, jobs: 2 },
          });
          assert.deepEqual(counted, rows);
          assert.deepEqual(await hashes(mongo, ALERCE_MODELS), expected);
          for (const model of ALERCE_MODELS) {
            const [theirs, ours] = await Promise.all([
              bareRows(sql, model),
              bareDocuments(forwards, model),
            ]);
            assert.deepEqual(ours, theirs, model.table);
          }
        });
        const both = mongoSettings();
        await onTables(both, async (mongo) => {
          await Promise.all(
            ORDERS.map((order) => inProcess(both, path, order)),
          );
          assert.deepEqual(
            await hashes(mongo, ALERCE_MODELS),
            expected,
            `${ORDERS.length} at once`,
          );
        });
      });
    },
  );
}

/** The rows of a table from the bare driver, sorted; 64-bit integers are texts. */
async function bareRows(
  settings: Record<string, unknown>,
  model: AnyModel,
): Promise<unknown[]> {
  const client = new pg.Client(clientConfig(settings));
  await client.connect();
  try {
    const { rows } = await client.query(
      `select * from "${settings.SCHEMA}"."${model.table}"`,
    );
    return sorted(model, rows);
  } finally {
    await client.end();
  }
}

/** The documents of a collection in the same form. */
async function bareDocuments(
  { URL, DATABASE }: { URL: string; DATABASE: string },
  { table, ...model }: AnyModel,
): Promise<unknown[]> {
  const client = new MongoClient(URL, { useBigInt64: true });
  try {
    const documents = await client.db(DATABASE).collection(table)
      .find({}, { projection: { _id: 0, loc: 0, extra_fields: 0 } }).toArray();
    return sorted({ table, ...model }, documents);
  } finally {
    await client.close();
  }
}

/** Each row as the values of the model's fields, in the model's order. */
function sorted(
  { fields, primaryKey }: AnyModel,
  rows: readonly object[],
): unknown[] {
  const value = (row: object, column: string): unknown => {
    assert.ok(Object.hasOwn(row, column), column);
    const held: unknown = Reflect.get(row, column);
    return typeof held === "bigint" ? String(held) : held;
  };
  const key = (row: object): string =>
    JSON.stringify(primaryKey.map((name) => value(row, name)));
  return rows.toSorted((one, other) => key(one) < key(other) ? -1 : 1)
    .map((row) => {
      assert.equal(Object.keys(row).length, fields.length);
      return fields.map(({ column }) => value(row, column));
    });
}

Deno.test({
  name:
    "two ingests on MongoDB that find nothing new of an object meet all the same, and what is derived is right",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const [latest, one, other] = await threeAlerts();
    await using alone = await mongoEngine.open(ALERCE_MODELS);
    await alone.createDb();
    await ingestAlerts(alone, [latest, one, other]);
    const settings = mongoSettings();
    await onTables(settings, async (db) => {
      await ingestAlerts(db, [latest]);
      await using beside = await connect(settings);
      const attempts = await ingestAtOnce([db, one], [beside, other]);
      const flags = await db.query(Ps1_ztf).findAll({ select: ["unique1"] });
      assert.deepEqual(flags.map(({ unique1 }) => unique1), [
        false,
        false,
        false,
      ]);
      assert.deepEqual(
        await hashes(db, ALERCE_MODELS),
        await hashes(alone, ALERCE_MODELS),
      );
      assert.ok(attempts > 1);
    });
  },
});

/** Ingests an alert on one connection, and another alert on a second connection before the first is committed. The first waits until the second conflicts with it or is done. Returns how often the second was begun. */
async function ingestAtOnce(
  [db, one]: [Connection, ZtfAlert],
  [beside, other]: [Connection, ZtfAlert],
): Promise<number> {
  const met = Promise.withResolvers<void>();
  let attempts = 0;
  const watched: Pick<Connection, "transaction"> = {
    transaction: (fn, options) =>
      beside.transaction(async (tx) => {
        if (++attempts > 1) met.resolve();
        const result = await fn(tx);
        met.resolve();
        return result;
      }, options),
  };
  let second: Promise<unknown> | undefined;
  const waiting: Pick<Connection, "transaction"> = {
    transaction: (fn, options) =>
      db.transaction(async (tx) => {
        const result = await fn(tx);
        second ??= ingestAlerts(watched, [other]);
        await met.promise;
        return result;
      }, options),
  };
  await ingestAlerts(waiting, [one]);
  await second;
  return attempts;
}

/** The latest alert of an object, and two earlier ones from its history without a history of their own; the last has another Pan-STARRS1 source. */
async function threeAlerts(): Promise<[ZtfAlert, ZtfAlert, ZtfAlert]> {
  const alerts = new Map(
    (await Array.fromAsync(readAlerts(SMALL))).map((alert) => [
      alert.candid,
      alert,
    ]),
  );
  const [latest, one, other] = [
    921242963115015007n,
    915180983115015009n,
    918213423115015010n,
  ].map((candid) => alerts.get(candid));
  assert.ok(latest && one && other);
  return [latest, { ...one, prv_candidates: [] }, {
    ...other,
    prv_candidates: [],
    candidate: { ...other.candidate, objectidps1: "1" },
  }];
}
