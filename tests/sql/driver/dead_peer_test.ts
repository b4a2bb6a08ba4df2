// A network that swallows packets: every call ends with an error, the next one works, and long statements are not cut.
import {
  ConnectionError,
  DuplicateKeyError,
  LockError,
  TimeoutError,
} from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { pause } from "../../../src/base/pause.ts";
import { sqlConfig } from "../../../src/sql/driver/config.ts";
import { openPostgresql } from "../../../src/sql/driver/postgresql.ts";
import { TIMES } from "../../../src/sql/driver/watch_times.ts";
import { connected, type Db, stars, test } from "../../support/connected.ts";
import { postgresSettings } from "../../support/engines.ts";
import {
  startSwallowingProxy,
  type SwallowingProxy,
} from "../../support/swallowing_proxy.ts";
import { untilEqual } from "../../support/waiting.ts";

/** Returns rows that no other rows conflict with. */
function rowsFrom(start: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    id: BigInt(start + index),
    name: `n${start + index}`,
  }));
}

/** The word in the statement of each call. */
const WORDS: Readonly<Record<string, string>> = {
  updateAll: "update",
  getOrCreate: "insert into",
  "bulkInsert of few rows": "insert into",
  "bulkInsert of many rows": "PGCOPY",
  transaction: "begin",
  stream: "fetch",
  sql: "select 1",
};

/** How long the probe of a server may take, in milliseconds: a server that answers does so within the patient time, also if it is busy. */
const [IMPATIENT, PATIENT] = [300, 10_000];

/** Registers a test whose connection goes through a proxy, with short times. */
function testBehindProxy(
  name: string,
  fn: (db: Db, proxy: SwallowingProxy, other: Db) => Promise<void>,
  settings: object = {},
): void {
  test(name, async () => {
    const before = { ...TIMES };
    Object.assign(TIMES, {
      ...{ tick: 20, silentTicks: 3 },
      ...{ answer: PATIENT, grace: 300 },
    });
    const proxy = startSwallowingProxy(Number(postgresSettings().PORT));
    const other = await connected();
    const db = await connected({
      PORT: proxy.port,
      CONNECT_TIMEOUT: 3_000,
      ...settings,
    });
    try {
      await fn(db, proxy, other);
    } finally {
      await db.close();
      proxy.close();
      await other.close();
      Object.assign(TIMES, before);
    }
  });
}

/** Milliseconds after which a call counts as one without an end: much more than the short times of these tests. */
const DEADLINE = 60_000;

/** Returns the error of a call, or undefined. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  const timer = new AbortController();
  const late = pause(DEADLINE, timer.signal).then(() =>
    new Error("The call did not end")
  );
  try {
    const ended = call.then(() => undefined, (error) => error);
    return await Promise.race([ended, late]);
  } finally {
    timer.abort();
  }
}

/** Asserts that a call fails because its connection is lost. A read that fails soon is repeated: on a new connection it succeeds, or cannot connect. */
async function assertLost(
  call: Promise<unknown>,
  name: string,
): Promise<void> {
  const error = await errorOf(call);
  const isRepeated = name.startsWith("find") &&
    (error === undefined ||
      (error instanceof TimeoutError && /CONNECT_TIMEOUT/.test(error.message)));
  assert.ok(
    isRepeated || error instanceof ConnectionError,
    `${name}: ${error}`,
  );
}

const CALLS: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  findOne: (db) => db.query(Star).findOne({ filterBy: { id: 1n } }),
  findAll: (db) => db.query(Star).findAll(),
  updateAll: (db) =>
    db.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 3 } }),
  getOrCreate: (db) =>
    db.query(Star).getOrCreate({ filterBy: { id: 9_000n }, name: "one" }),
  "bulkInsert of few rows": (db) =>
    db.query(Star).bulkInsert(rowsFrom(9_001, 1)),
  "bulkInsert of many rows": (db) =>
    db.query(Star).bulkInsert(
      rowsFrom(10_000, 3_000),
    ),
  transaction: (db) => db.transaction((tx) => tx.query(Star).count()),
  stream: async (db) => {
    for await (const _ of db.query(Star).stream({ batchSize: 100 }));
  },
  sql: (db) => db.sql`select 1`,
  kysely: (db) => db.query(Star).kysely.selectAll().execute(),
};

testBehindProxy(
  "when the network swallows everything, every call is rejected, and works again after the network is back",
  async (db, proxy) => {
    const all = () => Object.values(CALLS).map((call) => call(db));
    await db.query(Star).bulkInsert(stars(2_000));
    await Promise.all(all());
    await Promise.allSettled(all());
    TIMES.answer = IMPATIENT;
    proxy.swallowAll();
    await Promise.all(
      Object.entries(CALLS).map(([name, call]) => assertLost(call(db), name)),
    );
    proxy.restore();
    TIMES.answer = PATIENT;
    assert.equal(await db.query(Star).count() > 1_000, true);
    for (const call of Object.values(CALLS)) {
      await call(db).catch(ignoreDuplicate);
    }
  },
);

/** The rows of an earlier round may exist. */
function ignoreDuplicate(error: unknown): void {
  if (!(error instanceof DuplicateKeyError)) throw error;
}

testBehindProxy(
  "if only the answer to a call is lost, the call is rejected and the next one works",
  async (db, proxy) => {
    await db.query(Star).bulkInsert(stars(200));
    for (let warm = 0; warm < 3; warm++) {
      await db.query(Star).findOne({ filterBy: { id: 1n } });
    }
    for (const [name, call] of Object.entries(CALLS)) {
      await db.query(Star).findOne({ filterBy: { id: 1n } });
      proxy.swallowAnswersTo(WORDS[name] ?? "");
      await assertLost(call(db), name);
      await call(db).catch(ignoreDuplicate);
    }
  },
);

testBehindProxy(
  "a commit whose answer is lost says that the transaction may have been committed",
  async (db, proxy) => {
    proxy.swallowAnswersTo("commit\0");
    await assert.rejects(
      db.transaction((tx) =>
        tx.query(Star).bulkInsert([{ id: 1n, name: "Vega" }])
      ),
      /may have been committed or not/,
    );
    assert.equal(await db.query(Star).count(), 1);
  },
);

testBehindProxy(
  "a hole in the middle of an answer or a COPY ends the call",
  async (db, proxy) => {
    await db.query(Star).bulkInsert(stars(8_000));
    TIMES.answer = IMPATIENT;
    proxy.swallowAllAfter("star", 100_000);
    await assertLost(db.query(Star).findAll(), "findAll");
    proxy.restore();
    proxy.swallowAllAfterSent(200_000);
    await assertLost(
      db.query(Star).bulkInsert(
        rowsFrom(50_000, 20_000),
      ),
      "bulkInsert",
    );
    proxy.restore();
    TIMES.answer = PATIENT;
    assert.equal(await db.query(Star).count(), 8_000);
  },
);

testBehindProxy(
  "a migration session ends too, and close does not wait for a dead server",
  async (db, proxy) => {
    const target = db.migrations();
    const session = await target.lock({
      wait: 0,
      onEvent: () => {},
      toolVersion: "0",
    });
    TIMES.answer = IMPATIENT;
    proxy.swallowAll();
    await assert.rejects(session.history(), LockError);
    await session.release();
    assert.equal(await errorOf(db.close()), undefined);
    await untilEqual("the open connections", () => proxy.open(), 0);
  },
);

testBehindProxy(
  "a long statement and one that waits for a lock are not cut, nor a COPY whose source is slow",
  async (db, _, other) => {
    await db.query(Star).bulkInsert(stars(10));
    const [schema] = await db.sql<
      { name: string }
    >`select current_schema() as name`;
    assert.ok(schema);
    const { promise: locked, resolve } = Promise.withResolvers<void>();
    const holding = db.transaction(async (tx) => {
      await tx.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 1 } });
      resolve();
      await pause(700);
    });
    await locked;
    const slow = async function* () {
      yield* rowsFrom(100, 3_000);
      await pause(700);
      yield { id: 99n, name: "last" };
    };
    await Promise.all([
      holding,
      db.sql`select pg_sleep(0.7)`,
      db.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 2 } }),
      db.query(Star).bulkInsert(slow()),
    ]);
    assert.equal(await db.query(Star).count(), 3_011);
    const probes = async () =>
      await other.sql`
        select from pg_stat_activity where query like '%ClientRead%' and pid <> pg_backend_pid()`;
    // The processes of the probes end soon after.
    await untilEqual("the probes", async () => (await probes()).length, 0);
  },
);

testBehindProxy(
  "a COPY that waits for its own rows is not cut",
  async () => {
    const driver = await openPostgresql(
      sqlConfig(postgresSettings(), "test"),
      undefined,
    );
    const bytes = (text: string) =>
      Uint8Array.from(text, (character) => character.charCodeAt(0));
    const slow = async function* () {
      yield bytes("PGCOPY\n\xff\r\n\0" + "\0".repeat(8));
      await pause(500);
      yield bytes("\xff\xff");
    };
    try {
      const tx = await driver.begin({});
      await tx.query({
        text: "create temporary table copied (a int) on commit drop",
        values: [],
      });
      assert.equal(await tx.copyIn("copied", slow()), 0);
      await tx.commit();
    } finally {
      await driver.close();
    }
  },
);
