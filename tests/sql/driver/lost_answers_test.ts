// A network that loses answers of PostgreSQL: each write fails with a ConnectionError, and its outcome agrees with the database.
import {
  ConnectionError,
  SQLConnection,
  type WriteOutcome,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { connected, type Db, stars, test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";
import { startProxy } from "../../support/proxy.ts";
import { until } from "../../support/waiting.ts";

/** A write, the text of the statement whose answer is lost, and what its error says. */
interface LostWrite {
  readonly name: string;
  readonly word: string;
  readonly write: (db: Db) => Promise<unknown>;
  /** `not applied` if the database does not have it afterwards. */
  readonly outcome: WriteOutcome;
}

const NEW = { id: 50n, name: "Altair" };
const MANY = stars(3_000).map(({ id }) => ({
  id: id + 1_000n,
  name: `m${id}`,
}));
/** A value of each statement: it is sent when the statement is executed. */
const VALUE = "Altair";
const COMMIT = "commit\0";

const inTransaction = (db: Db) =>
  db.transaction((tx) => tx.query(Star).bulkInsert([NEW]));

async function commitMarks(db: Db): Promise<void> {
  const star = await db.query(Star).findOne({ filterBy: { id: 1n } });
  assert.ok(star);
  db.query(Star).update(star, { name: VALUE });
  try {
    await db.session.commit();
  } finally {
    db.session.rollback();
  }
}

const WRITES: readonly LostWrite[] = [
  {
    name: "insert that is described first",
    word: "insert into ",
    write: (db) => db.query(Star).insert(NEW),
    outcome: "not applied",
  },
  {
    name: "insert",
    word: VALUE,
    write: (db) => db.query(Star).insert(NEW),
    outcome: "unknown",
  },
  {
    name: "getOrCreate",
    word: VALUE,
    write: (db) =>
      db.query(Star).getOrCreate({ filterBy: { id: 50n }, ...NEW }),
    outcome: "unknown",
  },
  {
    name: "bulkInsert of few rows",
    word: VALUE,
    write: (db) => db.query(Star).bulkInsert([NEW]),
    outcome: "unknown",
  },
  {
    name: "bulkInsert, the COPY",
    word: "copy ",
    write: (db) => db.query(Star).bulkInsert(MANY),
    outcome: "not applied",
  },
  {
    name: "bulkInsert, the commit",
    word: COMMIT,
    write: (db) => db.query(Star).bulkInsert(MANY),
    outcome: "unknown",
  },
  {
    name: "bulkUpsert of few rows",
    word: VALUE,
    write: (db) => db.query(Star).bulkUpsert([NEW]),
    outcome: "unknown",
  },
  {
    name: "bulkUpsert, the temporary table",
    word: "create temp",
    write: (db) => db.query(Star).bulkUpsert(MANY),
    outcome: "not applied",
  },
  {
    name: "bulkUpsert, the commit",
    word: COMMIT,
    write: (db) => db.query(Star).bulkUpsert(MANY),
    outcome: "unknown",
  },
  {
    name: "bulkUpdate of few rows",
    word: VALUE,
    write: (db) => db.query(Star).bulkUpdate([{ id: 1n, name: VALUE }]),
    outcome: "unknown",
  },
  {
    name: "bulkUpdate by a filter, a statement",
    word: VALUE,
    write: (db) => db.query(Star).bulkUpdate([[{ id: 1n }, { name: VALUE }]]),
    outcome: "not applied",
  },
  {
    name: "bulkUpdate by a filter, the commit",
    word: COMMIT,
    write: (db) => db.query(Star).bulkUpdate([[{ id: 1n }, { name: VALUE }]]),
    outcome: "unknown",
  },
  {
    name: "updateAll",
    word: VALUE,
    write: (db) =>
      db.query(Star).updateAll({ filterBy: { id: 1n }, set: { name: VALUE } }),
    outcome: "unknown",
  },
  {
    name: "deleteAll",
    word: "Fomalhaut",
    write: (db) =>
      db.query(Star).deleteAll({ filterBy: { name: "Fomalhaut" } }),
    outcome: "unknown",
  },
  {
    name: "session.commit of one update",
    word: VALUE,
    write: commitMarks,
    outcome: "unknown",
  },
  {
    name: "transaction, the begin",
    word: "begin",
    write: inTransaction,
    outcome: "not applied",
  },
  {
    name: "transaction, a statement",
    word: VALUE,
    write: inTransaction,
    outcome: "not applied",
  },
  {
    name: "transaction, a read",
    word: "count(*)",
    write: (db) =>
      db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert([NEW]);
        await tx.query(Star).count();
      }),
    outcome: "not applied",
  },
  {
    name: "transaction, the commit",
    word: COMMIT,
    write: inTransaction,
    outcome: "unknown",
  },
];

async function contents(db: Db): Promise<string> {
  const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  return JSON.stringify(rows.map(({ id, name }) => [String(id), name]));
}

test("the answer is lost: the outcome of each write agrees with the database", async () => {
  const server = postgresSettings();
  const settings = { ...server, SCHEMA: freshSchema() };
  const direct = await connected(settings);
  for (const { name, word, write, outcome } of WRITES) {
    await direct.query(Star).deleteAll({ filterBy: {}, all: true });
    await direct.query(Star).bulkInsert([
      ...stars(3),
      { id: 60n, name: "Fomalhaut" },
    ]);
    const written = outcome !== "not applied";
    const before = await contents(direct);
    const proxy = startProxy(Number(server.PORT), word);
    const lossy = new SQLConnection({ models: SUITE_MODELS });
    await lossy.connect({ ...settings, HOST: "127.0.0.1", PORT: proxy.port });
    try {
      await assert.rejects(write(lossy), (error) => {
        assert.ok(
          error instanceof ConnectionError,
          `${name} ${Deno.inspect(error)}`,
        );
        assert.equal(error.outcome, outcome, `${name}: ${error.message}`);
        assert.equal(
          /Check the data before you/i.test(error.message),
          outcome === "unknown",
          `${name}: ${error.message}`,
        );
        return true;
      });
    } finally {
      await lossy.close();
      proxy.close();
    }
    // The server may still be at work when the client learns of the loss.
    const isWritten = async () => await contents(direct) !== before;
    if (written) await until(`the write of ${name}`, isWritten);
    else assert.equal(await isWritten(), false, name);
  }
  await direct.dropDb();
  await direct.close();
});

test("a read whose answer is lost is sent again, once, but not in a transaction", async () => {
  const server = postgresSettings();
  const settings = { ...server, SCHEMA: freshSchema() };
  const direct = await connected(settings);
  await direct.query(Star).bulkInsert([NEW, { id: 1n, name: "Vega" }]);
  const filterBy = { name: VALUE };
  const reads: Record<string, (db: Pick<Db, "query">) => Promise<unknown>> = {
    findAll: async (db) => (await db.query(Star).findAll({ filterBy })).length,
    findOne: async (db) =>
      Number((await db.query(Star).findOne({ filterBy }))?.id) - 49,
    count: (db) => db.query(Star).count({ filterBy }),
    checkExists: async (db) =>
      Number(await db.query(Star).checkExists({ filterBy })),
    aggregate: async (db) =>
      (await db.query(Star).aggregate({ filterBy, count: true }))[0]?.count,
  };
  for (const [name, read] of Object.entries(reads)) {
    for (const times of [1, 2]) {
      const proxy = startProxy(Number(server.PORT), VALUE, undefined, times);
      const lossy = new SQLConnection({ models: SUITE_MODELS });
      await lossy.connect({ ...settings, HOST: "127.0.0.1", PORT: proxy.port });
      if (times === 1) assert.equal(await read(lossy), 1, name);
      else await assert.rejects(read(lossy), ConnectionError, name);
      await lossy.close();
      proxy.close();
    }
  }
  const proxy = startProxy(Number(server.PORT), VALUE, undefined, 1);
  const lossy = new SQLConnection({ models: SUITE_MODELS });
  await lossy.connect({ ...settings, HOST: "127.0.0.1", PORT: proxy.port });
  await assert.rejects(
    lossy.transaction((tx) => tx.query(Star).count({ filterBy })),
    ConnectionError,
  );
  await lossy.close();
  proxy.close();
  await direct.dropDb();
  await direct.close();
});

test("a server that is gone before the call: nothing is applied", async () => {
  const settings = postgresSettings();
  const proxy = startProxy(Number(settings.PORT), "never sent");
  const db = await connected({
    ...settings,
    SCHEMA: freshSchema(),
    HOST: "127.0.0.1",
    PORT: proxy.port,
  });
  await db.query(Star).count();
  proxy.close();
  await assert.rejects(db.query(Star).count(), ConnectionError);
  for (const { name, write } of WRITES) {
    if (name.startsWith("session")) continue;
    await assert.rejects(write(db), (error) => {
      assert.ok(
        error instanceof ConnectionError,
        `${name} ${Deno.inspect(error)}`,
      );
      assert.equal(error.outcome, "not applied", `${name}: ${error.message}`);
      return true;
    });
  }
  for (
    const read of [
      () => db.query(Star).findAll(),
      () => db.query(Star).findOne({ filterBy: { id: 1n } }),
      () => Array.fromAsync(db.query(Star).stream()),
    ]
  ) {
    await assert.rejects(
      read,
      (error) =>
        error instanceof ConnectionError && error.outcome === undefined,
    );
  }
  await db.close();
});
