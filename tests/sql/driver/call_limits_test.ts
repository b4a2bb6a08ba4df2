// The time limit of a call and signals: the call ends, the server's work too, and nothing hits the next statement.
import { SQLConnection, TimeoutError } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import pg from "pg";
import { pause } from "../../../src/base/pause.ts";
import { createCallLimits } from "../../../src/sql/driver/call_limits.ts";
import { sqlConfig } from "../../../src/sql/driver/config.ts";
import { openPostgresql } from "../../../src/sql/driver/postgresql.ts";
import { TIMES } from "../../../src/sql/driver/watch_times.ts";
import type { SqlDriver } from "../../../src/sql/link/link.ts";
import { connected, type Db, stars, test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";
import { startSwallowingProxy } from "../../support/swallowing_proxy.ts";
import { until, untilEqual } from "../../support/waiting.ts";

const LIMIT = 200;

/** Returns whether the server runs a statement that contains a text. */
async function isRunning(other: Db, text: string): Promise<boolean> {
  const [row] = await other.sql<{ count: bigint }>`
    select count(*) from pg_stat_activity
    where state = 'active' and query like ${`%${text}%`} and pid <> pg_backend_pid()`;
  assert.ok(row !== undefined);
  return row.count > 0n;
}

/** Waits until the server runs a statement that contains a text. */
async function untilRunning(other: Db, text: string): Promise<void> {
  await until(`a statement with ${text}`, () => isRunning(other, text));
}

/** Waits until the server runs no such statement: a client has its answer before the server is idle. */
async function untilEnded(other: Db, text: string): Promise<void> {
  await untilEqual(
    `the end of a statement with ${text}`,
    () => isRunning(other, text),
    false,
  );
}

/** Asserts that a call ends with an error that names the limit and the server. */
async function assertTimeout(call: Promise<unknown>): Promise<string> {
  const error = await call.then(() => undefined, (error) => error);
  assert.ok(error instanceof TimeoutError, String(error));
  assert.match(
    error.message,
    /PostgreSQL at .*, database postgres within CALL_TIMEOUT \(200 ms\)/,
  );
  return error.message;
}

test("CALL_TIMEOUT is that of a statement and five seconds, if that is limited", () => {
  const limitOf = (settings: object) =>
    sqlConfig({ ...postgresSettings(), ...settings }, "test").callTimeout;
  assert.equal(limitOf({}), 0);
  assert.equal(limitOf({ STATEMENT_TIMEOUT: 0 }), 0);
  assert.equal(limitOf({ STATEMENT_TIMEOUT: 1_000 }), 6_000);
  assert.equal(limitOf({ STATEMENT_TIMEOUT: 1_000, CALL_TIMEOUT: 0 }), 0);
  assert.equal(limitOf({ CALL_TIMEOUT: 7 }), 7);
  return Promise.resolve();
});

test("CALL_TIMEOUT is never shorter than asked, whatever call began before", async () => {
  const milliseconds = 10;
  const limits = createCallLimits({
    milliseconds,
    location: "a server",
    isDirect: () => true,
  });
  const { PORT, PASSWORD } = postgresSettings();
  const clients = Array.from({ length: 8 }, () =>
    new pg.Client({
      host: "127.0.0.1",
      port: Number(PORT),
      user: "postgres",
      password: String(PASSWORD),
    }));
  await Promise.all(clients.map((client) => client.connect()));
  const all = await Promise.all(clients.map(async (client, index) => {
    await pause(index);
    const began = performance.now();
    // The answer does not come, and the end of the limit closes the client.
    const begin = () =>
      new Promise<never>((_, reject) => client.on("error", reject));
    await assert.rejects(
      limits.run(client, { begin, isCommit: true }),
      TimeoutError,
    );
    return performance.now() - began;
  }));
  assert.deepEqual(all.filter((time) => time < milliseconds), []);
});

test("CALL_TIMEOUT ends each kind of call, and the server's work", async () => {
  const SCHEMA = freshSchema();
  const other = await connected({ SCHEMA });
  const db = await opening({ SCHEMA, CALL_TIMEOUT: LIMIT, POOL_SIZE: 3 });
  // A busy machine reaches no limit of this one.
  const patient = await opening({ SCHEMA, CALL_TIMEOUT: 5 * LIMIT });
  const before = { ...TIMES };
  TIMES.grace = 60_000;
  try {
    await other.query(Star).bulkInsert(stars(10));
    const slow = async function* () {
      yield* stars(3_000).map(({ id }) => ({ id: id + 100n, name: `n${id}` }));
      await pause(8 * LIMIT);
      yield { id: 99n, name: "last" };
    };
    // A slow source is no slow server.
    const inserting = patient.query(Star).bulkInsert(slow());
    inserting.catch(() => {});
    const canceled = await assertTimeout(db.sql`select pg_sleep(100)`);
    assert.match(canceled, /The server canceled the statement/);
    await untilEnded(other, "pg_sleep(100)");
    await other.transaction(async (tx) => {
      await tx.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 1 } });
      await assertTimeout(
        db.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 2 } }),
      );
      await assertTimeout(
        db.query(Star).bulkUpsert([{ id: 1n, name: "small" }]),
      );
      await assertTimeout(
        db.transaction((second) =>
          second.query(Star).updateAll({
            filterBy: { id: 1n },
            set: { mag: 3 },
          })
        ),
      );
    });
    await inserting;
    const all = await other.query(Star).findAll();
    assert.equal(all.length, 3_011);
    assert.equal(all.find(({ id }) => id === 1n)?.mag, 1);
    await untilUsable(db);
  } finally {
    await db.close();
    await patient.close();
    await other.close();
    Object.assign(TIMES, before);
  }
});

test("CALL_TIMEOUT ends calls whose answer is lost, and says that a commit may have happened", async () => {
  const before = { ...TIMES };
  TIMES.grace = 200;
  const SCHEMA = freshSchema();
  const other = await connected({ SCHEMA });
  const proxy = startSwallowingProxy(Number(postgresSettings().PORT));
  const db = await opening({ SCHEMA, PORT: proxy.port, CALL_TIMEOUT: LIMIT });
  /** Asserts that a call whose answer is lost ends. A busy machine may reach the limit before the call has sent the word. */
  const assertLost = async (
    word: string,
    call: () => Promise<unknown>,
  ): Promise<string> => {
    proxy.swallowAnswersTo(word);
    for (;;) {
      const message = await assertTimeout(call());
      if (!proxy.awaits()) return message;
    }
  };
  try {
    await other.query(Star).bulkInsert(stars(10));
    assert.match(
      await assertLost("select 1", () => db.sql`select 1`),
      /The connection was closed/,
    );
    assert.match(
      await assertLost(
        "commit\0",
        () =>
          db.transaction((tx) =>
            tx.query(Star).bulkInsert([{ id: 50n, name: "Vega" }])
          ),
      ),
      /may have been committed or not/,
    );
    await untilEqual("the commit", () => other.query(Star).count(), 11);
    await assertLost(
      "begin",
      () => db.transaction((tx) => tx.query(Star).count()),
    );
    await assertLost("fetch", async () => {
      for await (const _ of db.query(Star).stream({ batchSize: 5 }));
    });
    await assertLost("PGCOPY", () =>
      db.query(Star).bulkInsert(
        stars(3_000).map(({ id }) => ({ id: id + 100n, name: `n${id}` })),
      ));
    await untilUsable(db);
    assert.equal(await other.query(Star).count(), 11);
  } finally {
    await db.close();
    await other.close();
    proxy.close();
    Object.assign(TIMES, before);
  }
});

/** Opens a connection to existing tables. */
async function opening(settings: object): Promise<Db> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ...postgresSettings(), ...settings });
  return db;
}

/** Waits until a call succeeds: a busy machine may reach the limit of one. */
async function untilUsable(db: Db): Promise<void> {
  await untilEqual(
    "a usable connection",
    () => db.sql`select 1 as one`.catch(String),
    [{ one: 1 }],
  );
}

/** Opens a driver on the test server. */
function opened(settings: object = {}): Promise<SqlDriver> {
  return openPostgresql(
    sqlConfig({ ...postgresSettings(), ...settings }, "test"),
    undefined,
  );
}

/** A signal that counts its listeners. */
function countedSignal(): {
  readonly signal: AbortSignal;
  readonly abort: () => void;
  readonly listeners: () => number;
} {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  return {
    signal,
    abort: () => controller.abort(new Error("stopped")),
    listeners: () => listeners,
  };
}

test("a signal ends a statement, a begin, a COPY and the wait for a client, and leaves the pool usable", async () => {
  const driver = await opened({ POOL_SIZE: 1 });
  const other = await connected();
  try {
    const { signal, abort, listeners } = countedSignal();
    const sleeping = driver.query({
      text: "select pg_sleep(101)",
      values: [],
      signal,
    });
    sleeping.catch(() => {});
    const waiting = driver.begin({ signal });
    waiting.catch(() => {});
    await untilRunning(other, "pg_sleep(101)");
    abort();
    await assert.rejects(waiting, /stopped/);
    await assert.rejects(sleeping, /canceling statement/);
    await untilEnded(other, "pg_sleep(101)");
    assert.equal(listeners(), 0);
    await assert.rejects(
      driver.query({ text: "select 1", values: [], signal }),
      /stopped/,
    );

    const copied = countedSignal();
    const tx = await driver.begin({});
    await tx.query({
      text: "create temporary table copied (a bytea) on commit drop",
      values: [],
    });
    const never = (async function* () {
      yield Uint8Array.from(
        "PGCOPY\n\xff\r\n\0" + "\0".repeat(8),
        (character) => character.charCodeAt(0),
      );
      await new Promise(() => {});
    })();
    const copying = tx.copyIn("copied", never, copied.signal);
    copying.catch(() => {});
    await untilRunning(other, "copy copied");
    copied.abort();
    await assert.rejects(copying);
    await tx.rollback();
    assert.equal(copied.listeners(), 0);
    assert.equal(
      (await driver.query({ text: "select 1", values: [] })).count,
      1,
    );

    const committed = countedSignal();
    const late = await driver.begin({});
    await late.query({ text: "select 1", values: [] });
    committed.abort();
    await assert.rejects(late.commit(committed.signal), /stopped/);
    await late.rollback();
    assert.equal(
      (await driver.query({ text: "select 1", values: [] })).count,
      1,
    );
  } finally {
    await driver.close();
    await other.close();
  }
});

test("a request to cancel that comes late never hits the next statement", async () => {
  const driver = await opened({ POOL_SIZE: 2 });
  try {
    const read = (): Promise<unknown> =>
      driver.query({ text: "select pg_sleep(0.002)", values: [] });
    for (let round = 0; round < 60; round++) {
      const controller = new AbortController();
      const { signal } = controller;
      const tx = await driver.begin({});
      const work = [
        driver.query({ text: "select pg_sleep(0.002)", values: [], signal }),
        tx.query({ text: "savepoint a", values: [] })
          .then(() =>
            tx.query({ text: "select pg_sleep(0.002)", values: [], signal })
          )
          .catch(() => tx.query({ text: "rollback to a", values: [] })),
      ];
      setTimeout(() => controller.abort(), round % 6);
      await Promise.allSettled(work);
      await tx.query({ text: "select pg_sleep(0.002)", values: [] });
      await tx.commit();
      await Promise.all([read(), read()]);
    }
  } finally {
    await driver.close();
  }
});
