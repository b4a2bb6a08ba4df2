// The end of transactions and connections: a failure at the end affects no other transaction, and nothing waits forever.
import {
  ConnectionError,
  type ConnectOptions,
  DuplicateKeyError,
  SerializationError,
  SQLConnection,
  TransactionError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import {
  freshPglite,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";

type Db = SQLConnection<typeof SUITE_MODELS>;

const STARS = [{ id: 1n, name: "a" }, { id: 2n, name: "b" }];

function test(
  name: string,
  run: (
    open: (settings?: object, options?: ConnectOptions) => Promise<Db>,
  ) => Promise<void>,
): void {
  for (const engine of ["postgresql", "pglite"]) {
    Deno.test({
      name: `${engine}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => run((settings, options) => opened(engine, settings, options)),
    });
  }
}

let pglite: ReturnType<typeof freshPglite> | undefined;

/** Opens a connection of its own with two stars. */
async function opened(
  engine: string,
  settings: object = {},
  options: ConnectOptions = {},
): Promise<Db> {
  const client = engine === "pglite"
    ? await (pglite ??= freshPglite())
    : undefined;
  const server = engine === "pglite" ? {} : postgresSettings();
  const db = new SQLConnection({ models: SUITE_MODELS, client });
  await db.connect({ ...server, SCHEMA: freshSchema(), ...settings }, options);
  await db.createDb();
  await db.query(Star).bulkInsert(STARS);
  return db;
}

test("a failed commit does not affect the next transaction on the same connection", async (open) => {
  const SCHEMA = freshSchema();
  const db = await open({ SCHEMA, POOL_SIZE: 1 });
  const late = sql.id(SCHEMA, "late");
  await db
    .sql`create table ${late} (n int unique deferrable initially deferred)`;
  const begun = Promise.withResolvers<void>();
  const failing = db.kysely.transaction().execute(async (trx) => {
    await sql`insert into ${late} values (1), (1)`.execute(trx);
    begun.resolve();
  });
  await begun.promise;
  const undone = db.transaction(async (tx) => {
    await tx.query(Star).bulkUpsert([{ id: 3n, name: "c" }]);
    throw new RangeError("no");
  });
  const kept = db.transaction(async (tx) => {
    await tx.query(Star).bulkUpsert([{ id: 4n, name: "d" }]);
    await tx.query(Star).updateAll({ filterBy: { id: 4n }, set: { mag: 1 } });
  });
  const [first, second, third] = await Promise.allSettled([
    failing,
    undone,
    kept,
  ]);
  assert.ok(reasonOf(first) instanceof DuplicateKeyError);
  assert.ok(reasonOf(second) instanceof RangeError);
  assert.equal(reasonOf(third), undefined);
  const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  assert.deepEqual(rows.map(({ id, mag }) => [id, mag]), [
    [1n, null],
    [2n, null],
    [4n, 1],
  ]);
  await db.sql`drop table ${late}`;
  await db.dropDb();
  await db.close();
});

test("a transaction with a caught statement error throws at its end and is rolled back", async (open) => {
  const db = await open();
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.query(Star).bulkUpsert([{ id: 3n, name: "c" }]);
      await tx.query(Star).bulkInsert(STARS, { onConflict: "error" }).catch(
        (error) => assert.ok(error instanceof DuplicateKeyError),
      );
    }),
    (error) =>
      error instanceof TransactionError &&
      error.cause instanceof DuplicateKeyError,
  );
  assert.equal(await db.query(Star).count(), 2);
  await db.transaction(async (tx) => {
    await tx.query(Star).bulkUpsert([{ id: 3n, name: "c" }]);
    await tx.transaction((inner) =>
      inner.query(Star).bulkInsert(STARS, { onConflict: "error" })
    ).catch((error) => assert.ok(error instanceof DuplicateKeyError));
  });
  assert.equal(await db.query(Star).count(), 3);
  await db.dropDb();
  await db.close();
});

test("a retried transaction starts with the previous values of its instances", async (open) => {
  const db = await open();
  const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
  assert.ok(row);
  let runs = 0;
  await db.transaction(async (tx) => {
    tx.query(Star).update(row, { visits: (row.visits ?? 0) + 1 });
    await tx.query(Star).bulkInsert([{ id: 3n, name: "c" }], {
      onConflict: "error",
    });
    if (++runs < 3) throw new SerializationError("again");
  }, { retries: 2 });
  assert.equal(row.visits, 1);
  assert.equal((await db.query(Star).first())?.visits, 1);
  assert.equal(await db.query(Star).count(), 3);
  await db.dropDb();
  await db.close();
});

test("commits of a session use sessionOptions", async (open) => {
  const db = await open({}, { sessionOptions: { readOnly: true } });
  const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
  assert.ok(row);
  db.query(Star).update(row, { mag: 1 });
  await assert.rejects(db.session.commit(), /read-only/);
  assert.equal(row.mag, 1);
  db.session.rollback();
  assert.equal(row.mag, null);
  const wrong: object = { sessionOptions: { retries: -1 } };
  await assert.rejects(open({}, wrong), TransactionError);
  await db.dropDb();
  await db.close();
});

test("close ends an abandoned stream and an open transaction", async (open) => {
  const SCHEMA = freshSchema();
  const db = await open({ SCHEMA });
  const stream = db.query(Star).stream({ batchSize: 1 })
    [Symbol.asyncIterator]();
  await stream.next();
  const [begun, closed] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  const lost = db.transaction(async (tx) => {
    await tx.query(Star).bulkUpsert([{ id: 3n, name: "c" }]);
    begun.resolve();
    await closed.promise;
    await tx.query(Star).count();
  });
  const unfinished = db.transaction(async (tx) => {
    await begun.promise;
    await closed.promise;
    await tx.query(Star).count();
  });
  const ends = Promise.allSettled([lost, unfinished]);
  await begun.promise;
  await db.close();
  closed.resolve();
  for (const end of await ends) {
    assert.ok(reasonOf(end) instanceof ConnectionError, String(reasonOf(end)));
  }
  await assert.rejects(async () => await stream.next(), ConnectionError);
  await db.close();
});

function reasonOf(outcome: PromiseSettledResult<unknown>): unknown {
  return outcome.status === "rejected" ? outcome.reason : undefined;
}
