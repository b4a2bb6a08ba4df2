// Limits of calls that no engine decides: those of sessions, and of engines that cannot end statements.
import { Connection, QueryError, TransactionError } from "@alerce/db-plugins";
import type { Backend } from "@alerce/db-plugins/engine";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { memory } from "../memory/engine.ts";

const VEGA = { id: 1n, name: "Vega" };

/** Opens the memory engine, whose commands wait for `ready` if given. */
async function opened(
  sessionOptions: object = {},
  ready?: Promise<unknown>,
): Promise<Connection> {
  const db = new Connection(
    async (settings, options) => {
      const backend = await memory.open(settings, options);
      return ready === undefined ? backend : delayed(backend, ready);
    },
    { models: SUITE_MODELS },
  );
  await db.connect({}, { sessionOptions });
  await db.createDb();
  return db;
}

function delayed(backend: Backend, ready: Promise<unknown>): Backend {
  return {
    ...backend,
    run: async (statement) => {
      await ready;
      return await backend.run(statement);
    },
  };
}

Deno.test("the limits of sessionOptions are those of every commit, and commit can replace them", async () => {
  const signal = AbortSignal.abort(new Error("stop"));
  await using db = await opened({ signal });
  await db.query(Star).bulkInsert([VEGA]);
  const row = await db.query(Star).first();
  assert.ok(row);
  db.query(Star).update(row, { mag: 9 });
  await assert.rejects(db.session.commit(), /stop/);
  const { signal: other } = new AbortController();
  assert.deepEqual(await db.session.commit({ signal: other }), {
    updated: 1,
    deleted: 0,
  });
});

Deno.test("wrong limits of sessionOptions are refused by connect", async () => {
  await assert.rejects(
    opened({ timeout: "5s" }),
    (error) => error instanceof QueryError && error.field === "timeout",
  );
  await assert.rejects(
    opened({ timeuot: 5 }),
    (error) =>
      error instanceof TransactionError &&
      /did you mean timeout\?/.test(error.message),
  );
});

Deno.test("a call on an engine that cannot end statements is rejected at once, and its work goes on", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using db = await opened({}, promise);
  const start = performance.now();
  for (
    const call of [
      (limits: object) => db.query(Star).findAll(limits),
      (limits: object) => db.query(Star).insert(VEGA, limits),
    ]
  ) {
    await assert.rejects(call({ timeout: 20 }), /timeout of 20 ms/);
  }
  assert.ok(performance.now() - start < 400);
  resolve();
  assert.equal(await db.query(Star).count(), 1);
});

Deno.test("a call without limits does not ask the engine for them", async () => {
  let asked = 0;
  const db = new Connection(
    async (settings, options) => {
      const backend = await memory.open(settings, options);
      return {
        ...backend,
        limited() {
          asked++;
          return undefined;
        },
      };
    },
    { models: SUITE_MODELS },
  );
  await db.connect({});
  await db.createDb();
  await db.query(Star).bulkInsert([VEGA], {});
  await db.query(Star).findAll();
  await db.transaction((tx) => tx.query(Star).count());
  await db.session.commit();
  assert.equal(asked, 0);
  await db.query(Star).count({ timeout: 5_000 });
  assert.equal(asked, 1);
  await db.close();
});
