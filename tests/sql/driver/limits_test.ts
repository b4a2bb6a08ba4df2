// Limits of calls on SQL: the server's work ends, every connection comes back, and nothing is written.
import {
  type CallOptions,
  SQLConnection,
  TimeoutError,
  TransactionError,
} from "@alerce/db-plugins";
import { Star, type StarRow, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import pg from "pg";
import {
  clientConfig,
  freshPglite,
  freshSchema,
} from "../../support/engines.ts";
import { failure } from "../../support/mongo_stars.ts";
import { untilEqual } from "../../support/waiting.ts";

type Db = SQLConnection<typeof SUITE_MODELS>;

const LIMIT = { timeout: 120 };
const VEGA = { id: 91262n, name: "Vega" };

/** A connection over a pool whose clients can be counted. */
async function opened(
  onQuery?: (event: { readonly text: string }) => void,
): Promise<{ db: Db; pool: pg.Pool; schema: string }> {
  const pool = new pg.Pool({ ...clientConfig(), max: 4 });
  const schema = freshSchema();
  const db = new SQLConnection({ models: SUITE_MODELS, client: pool });
  await db.connect({ ENGINE: "postgresql", SCHEMA: schema }, {
    ...(onQuery === undefined ? {} : { onQuery }),
  });
  await db.createDb();
  await db.query(Star).bulkInsert([
    { id: 1n, name: "Algol" },
    { id: 2n, name: "Mira" },
  ]);
  return { db, pool, schema };
}

async function ended(
  { db, pool, schema }: { db: Db; pool: pg.Pool; schema: string },
): Promise<void> {
  await db.close();
  await pool.query(`drop schema "${schema}" cascade`);
  await pool.end();
}

/** Runs work while another transaction blocks every access to the stars. */
async function whileLocked(
  schema: string,
  work: () => Promise<void>,
): Promise<void> {
  const other = new pg.Client(clientConfig());
  await other.connect();
  await other.query(`begin; lock table "${schema}".star`);
  try {
    await work();
  } finally {
    await other.end();
  }
}

/** Waits until every client is back in the pool and the server waits for no lock. */
async function assertFree(pool: pg.Pool, schema: string): Promise<void> {
  const watcher = new pg.Client(clientConfig());
  await watcher.connect();
  try {
    await untilEqual("waiting statements and lent clients", async () => {
      const { rows } = await watcher.query(
        "select query from pg_stat_activity where wait_event_type = 'Lock' and query like $1",
        [`%${schema}%`],
      );
      return { rows, lent: pool.totalCount - pool.idleCount };
    }, { rows: [], lent: 0 });
  } finally {
    await watcher.end();
  }
}

function isLate(error: unknown): true {
  assert.ok(error instanceof TimeoutError, Deno.inspect(error));
  assert.match(error.message, /did not end within its timeout of 120 ms/);
  return true;
}

const CALLS: readonly (readonly [
  string,
  (db: Db, limits: CallOptions) => Promise<unknown>,
])[] = [
  ["find", (db, limits) => db.query(Star).find(limits)],
  ["findAll", (db, limits) => db.query(Star).findAll(limits)],
  [
    "findOne",
    (db, limits) => db.query(Star).findOne({ filterBy: { id: 1n }, ...limits }),
  ],
  ["count", (db, limits) => db.query(Star).count(limits)],
  [
    "stream",
    async (db, limits) =>
      await Array.fromAsync(db.query(Star).stream({ ...limits })),
  ],
  [
    "getOrCreate",
    (db, limits) =>
      db.query(Star).getOrCreate(
        { filterBy: { id: VEGA.id }, name: "Vega" },
        limits,
      ),
  ],
  ["insert", (db, limits) => db.query(Star).insert(VEGA, limits)],
  ["bulkInsert", (db, limits) => db.query(Star).bulkInsert([VEGA], limits)],
  [
    "bulkInsert of many rows",
    (db, limits) =>
      db.query(Star).bulkInsert(
        Array.from({ length: 3_000 }, (_, n) => ({
          id: BigInt(n + 10),
          name: `star ${n}`,
        })),
        limits,
      ),
  ],
  ["bulkUpsert", (db, limits) => db.query(Star).bulkUpsert([VEGA], limits)],
  [
    "bulkUpdate",
    (db, limits) => db.query(Star).bulkUpdate([{ id: 1n, mag: 9 }], limits),
  ],
  [
    "updateAll",
    (db, limits) =>
      db.query(Star).updateAll({ filterBy: {}, set: { mag: 9 }, ...limits }),
  ],
  [
    "deleteAll",
    (db, limits) =>
      db.query(Star).deleteAll({ filterBy: {}, all: true, ...limits }),
  ],
  [
    "commit",
    async (db, limits) => {
      const row = { id: 2n, name: "Mira" };
      db.query(Star).update(row as StarRow, { mag: 9 });
      await db.session.commit(limits);
    },
  ],
  [
    "transaction",
    (db, limits) => db.transaction((tx) => tx.query(Star).count(), limits),
  ],
];

Deno.test("a call that waits for a lock ends with its limit, on the server too, and writes nothing", async () => {
  const opened_ = await opened();
  const { db, pool, schema } = opened_;
  await whileLocked(schema, async () => {
    for (const [name, call] of CALLS) {
      await assert.rejects(
        call(db, LIMIT),
        (error) => isLate(error),
        name,
      );
      await assertFree(pool, schema);
    }
  });
  assert.equal(await db.query(Star).count(), 2);
  assert.equal(await db.query(Star).count({ filterBy: { mag: 9 } }), 0);
  await ended(opened_);
});

Deno.test("the error of a write that reached its limit has the outcome not applied", async () => {
  const opened_ = await opened();
  const { db, pool, schema } = opened_;
  await whileLocked(schema, async () => {
    for (const [name, call] of CALLS.slice(5)) {
      let error = await failure(call(db, LIMIT));
      // A busy server may confirm the end of the write too late to say it.
      for (let tries = 0; tries < 4 && error.outcome === "unknown"; tries++) {
        await assertFree(pool, schema);
        error = await failure(call(db, LIMIT));
      }
      assert.equal(error.outcome, "not applied", name);
      assert.doesNotMatch(error.message, /check the data/, name);
    }
  });
  assert.equal(await db.query(Star).count({ filterBy: { mag: 9 } }), 0);
  await ended(opened_);
});

Deno.test("a call in a transaction that waits for a lock fails the transaction", async () => {
  const opened_ = await opened();
  const { db, pool, schema } = opened_;
  await whileLocked(schema, async () => {
    await assert.rejects(
      db.transaction(async (tx) => {
        await assert.rejects(tx.query(Star).count(LIMIT), isLate);
      }),
      TransactionError,
    );
    await assertFree(pool, schema);
  });
  await ended(opened_);
});

Deno.test("an abort in a stream frees its connection, also if the program reads no further row", async () => {
  const opened_ = await opened();
  const { db, pool, schema } = opened_;
  const controller = new AbortController();
  const stream = db.query(Star).stream({
    batchSize: 1,
    signal: controller.signal,
  })[Symbol.asyncIterator]();
  await stream.next();
  assert.equal(pool.totalCount - pool.idleCount, 1);
  controller.abort(new Error("stop"));
  await assertFree(pool, schema);
  await assert.rejects(stream.next(), /stop/);
  await ended(opened_);
});

Deno.test("a bulk insert that was sent in part writes nothing after its limit", async () => {
  const opened_ = await opened();
  const { db, pool, schema } = opened_;
  const controller = new AbortController();
  async function* rows() {
    for (let id = 10n; id < 60_010n; id++) {
      yield { id, name: `star ${id}`, notes: "x".repeat(200) };
    }
    controller.abort(new Error("stop"));
    await new Promise(() => {});
  }
  await assert.rejects(
    db.query(Star).bulkInsert(rows(), { signal: controller.signal }),
    /stop/,
  );
  await assertFree(pool, schema);
  assert.equal(await db.query(Star).count(), 2);
  await ended(opened_);
});

Deno.test("a call with an aborted signal sends nothing", async () => {
  const texts: string[] = [];
  const opened_ = await opened(({ text }) => texts.push(text));
  texts.length = 0;
  for (const [, call] of CALLS) {
    await assert.rejects(
      call(opened_.db, { signal: AbortSignal.abort(new Error("stop")) }),
      /stop/,
    );
  }
  assert.deepEqual(texts, []);
  await ended(opened_);
});

Deno.test("a call that waits for a client of the pool ends with its limit", async () => {
  const opened_ = await opened();
  const { db, pool, schema } = opened_;
  const clients = await Promise.all(
    Array.from({ length: 4 }, () => pool.connect()),
  );
  await assert.rejects(db.query(Star).findAll(LIMIT), isLate);
  await assert.rejects(db.transaction(() => Promise.resolve(), LIMIT), isLate);
  for (const client of clients) client.release();
  await assertFree(pool, schema);
  assert.equal(await db.query(Star).count(), 2);
  await ended(opened_);
});

Deno.test("an abort in a stream on PGlite closes its cursor", async () => {
  const client = await freshPglite();
  const db = new SQLConnection({ models: SUITE_MODELS, client });
  await db.connect({ ENGINE: "pglite" });
  await db.createDb();
  await db.query(Star).bulkInsert([VEGA, { id: 1n, name: "Algol" }]);
  const controller = new AbortController();
  await assert.rejects(async () => {
    const stream = db.query(Star).stream({
      batchSize: 1,
      signal: controller.signal,
    });
    for await (const _row of stream) controller.abort(new Error("stop"));
  }, /stop/);
  const cursors = await db.sql`select name from pg_cursors where name <> ''`;
  assert.deepEqual(cursors, []);
  await db.close();
  await client.close();
});
