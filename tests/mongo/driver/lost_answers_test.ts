// A network that loses answers: each write fails with the right class, and its outcome agrees with the database.
import {
  ConnectionError,
  DbPluginsError,
  MongoConnection,
  type WriteOutcome,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoSettings } from "../../support/engines.ts";
import { eventually, test } from "../../support/mongo_case.ts";
import { startProxy } from "../../support/proxy.ts";
import { until } from "../../support/waiting.ts";

type Db = MongoConnection<typeof SUITE_MODELS>;

const VEGA = { id: 1n, name: "Vega", visits: 1 };
const DENEB = { id: 2n, name: "Deneb", visits: 1 };
const NEW = { id: 3n, name: "Altair" };
const MANY = Array.from({ length: 12_000 }, (_, index) => ({
  id: BigInt(100 + index),
  name: `s${index}`,
  notes: "x".repeat(900),
}));

/** A write, the command whose answer is lost, and what its error says. */
interface LostWrite {
  readonly name: string;
  readonly word: string;
  readonly write: (db: Db) => Promise<unknown>;
  /** The number of answers that are lost; all by default. */
  readonly times?: number;
  /** Undefined if the write succeeds, and `not applied` if the database does not have it afterwards. */
  readonly outcome: WriteOutcome | undefined;
}

const hasNew = (db: Db) =>
  db.query(Star).checkExists({ filterBy: { id: { gte: 3n } } });
const hasVisits = (db: Db) =>
  db.query(Star).checkExists({ filterBy: { visits: 9 } });
const lacksVega = async (db: Db) =>
  !await db.query(Star).checkExists({ filterBy: { id: 1n } });

const ADDED: readonly LostWrite[] = [
  {
    name: "insert",
    word: "insert",
    write: (db) => db.query(Star).insert(NEW),
    outcome: "unknown",
  },
  {
    name: "insert whose first answer is lost",
    word: "insert",
    write: (db) => db.query(Star).insert(NEW),
    times: 1,
    outcome: undefined,
  },
  {
    name: "getOrCreate",
    word: "findAndModify",
    write: (db) => db.query(Star).getOrCreate({ filterBy: { id: 3n }, ...NEW }),
    outcome: "unknown",
  },
  {
    name: "bulkInsert",
    word: "insert",
    write: (db) => db.query(Star).bulkInsert([NEW]),
    outcome: "unknown",
  },
  {
    name: "bulkInsert in several batches",
    word: "insert",
    write: (db) => db.query(Star).bulkInsert(MANY),
    outcome: "unknown",
  },
  {
    name: "bulkInsert in a transaction, a statement",
    word: "insert",
    write: (db) => db.query(Star).bulkInsert([NEW], { onConflict: "error" }),
    outcome: "not applied",
  },
  {
    name: "bulkInsert in a transaction, the commit",
    word: "commitTransaction",
    write: (db) => db.query(Star).bulkInsert([NEW], { onConflict: "error" }),
    outcome: "unknown",
  },
  {
    name: "bulkUpsert",
    word: "insert",
    write: (db) => db.query(Star).bulkUpsert([NEW]),
    outcome: "unknown",
  },
  {
    name: "transaction, a statement",
    word: "insert",
    write: (db) => db.transaction((tx) => tx.query(Star).bulkInsert([NEW])),
    outcome: "not applied",
  },
  {
    name: "transaction, a read",
    word: "aggregate",
    write: (db) =>
      db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert([NEW]);
        await tx.query(Star).count({ filterBy: { visits: 1 } });
      }),
    outcome: "not applied",
  },
  {
    name: "transaction, the commit",
    word: "commitTransaction",
    write: (db) => db.transaction((tx) => tx.query(Star).bulkInsert([NEW])),
    outcome: "unknown",
  },
  {
    name: "transaction, three answers to its commit",
    word: "commitTransaction",
    write: (db) => db.transaction((tx) => tx.query(Star).bulkInsert([NEW])),
    times: 3,
    outcome: undefined,
  },
];

const CHANGED: readonly LostWrite[] = [
  {
    name: "bulkUpsert of an existing row",
    word: "update",
    write: (db) => db.query(Star).bulkUpsert([{ id: 1n, visits: 9 }]),
    outcome: "unknown",
  },
  {
    name: "updateAll",
    word: "update",
    write: (db) =>
      db.query(Star).updateAll({ filterBy: {}, set: { visits: 9 } }),
    outcome: "unknown",
  },
  {
    name: "updateAll of one row",
    word: "update",
    write: (db) =>
      db.query(Star).updateAll({ filterBy: { id: 1n }, set: { visits: 9 } }),
    outcome: "unknown",
  },
  {
    name: "bulkUpdate, a statement",
    word: "update",
    write: (db) => db.query(Star).bulkUpdate([{ id: 1n, visits: 9 }]),
    outcome: "not applied",
  },
  {
    name: "bulkUpdate, the commit",
    word: "commitTransaction",
    write: (db) => db.query(Star).bulkUpdate([{ id: 1n, visits: 9 }]),
    outcome: "unknown",
  },
  {
    name: "session.commit, the commit",
    word: "commitTransaction",
    async write(db) {
      const star = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.ok(star);
      db.query(Star).update(star, { visits: 9 });
      await db.session.commit();
    },
    outcome: "unknown",
  },
];

const DELETED: readonly LostWrite[] = [
  {
    name: "deleteAll",
    word: "delete",
    write: (db) => db.query(Star).deleteAll({ filterBy: {}, all: true }),
    outcome: "unknown",
  },
  {
    name: "deleteAll of one row",
    word: "delete",
    write: (db) => db.query(Star).deleteAll({ filterBy: { id: 1n } }),
    outcome: "unknown",
  },
];

/**
 * A connection through a proxy that drops answers.
 *
 * @param selection milliseconds until a server counts as gone
 */
async function through(
  { URL: url, ...settings }: { URL: string },
  word: string,
  times: number | undefined,
  selection: number,
): Promise<{ db: Db; close: () => Promise<void>; stop: () => void }> {
  const direct = new URL(url);
  const proxy = startProxy(Number(direct.port), word, undefined, times);
  direct.port = String(proxy.port);
  direct.searchParams.delete("replicaSet");
  direct.searchParams.set("directConnection", "true");
  const db = new MongoConnection({ models: SUITE_MODELS });
  // A busy server may be found late.
  await eventually(() =>
    db.connect({
      ...settings,
      URL: direct.href,
      SERVER_SELECTION_TIMEOUT_MS: selection,
    })
  );
  return {
    db,
    stop: proxy.close,
    async close() {
      await db.close();
      proxy.close();
    },
  };
}

test("the answer is lost: the outcome of each write agrees with the database", async () => {
  const settings = mongoSettings();
  await using direct = new MongoConnection({ models: SUITE_MODELS });
  await direct.connect(settings);
  await direct.createDb();
  for (
    const [list, isWritten] of [
      [ADDED, hasNew],
      [CHANGED, hasVisits],
      [DELETED, lacksVega],
    ] as const
  ) {
    for (const { name, word, write, times, outcome } of list) {
      const written = outcome !== "not applied";
      await direct.query(Star).deleteAll({ filterBy: {}, all: true });
      await direct.query(Star).bulkInsert([VEGA, DENEB]);
      const lossy = await through(settings, word, times, 1_000);
      try {
        if (outcome === undefined) await write(lossy.db);
        else {
          await assert.rejects(write(lossy.db), (error) => {
            assert.ok(
              error instanceof ConnectionError,
              `${name} ${Deno.inspect(error)}`,
            );
            assert.equal(error.outcome, outcome, `${name} ${error.message}`);
            assert.equal(
              outcome === "unknown",
              error.partly !== undefined ||
                /check the data before you|Read the rows/i.test(error.message),
              `${name} ${error.message}`,
            );
            return true;
          });
        }
      } finally {
        await lossy.close();
      }
      // The server may still be at work when the client learns of the loss.
      if (written) await until(name, () => isWritten(direct));
      else assert.equal(await isWritten(direct), false, name);
    }
  }
  await direct.dropDb();
});

test("a server that is gone before the call: nothing is applied, and each call is a ConnectionError", async () => {
  const settings = mongoSettings();
  await using direct = new MongoConnection({ models: SUITE_MODELS });
  await direct.connect(settings);
  await direct.createDb();
  const { db, close, stop } = await through(settings, "never sent", 0, 400);
  try {
    await db.query(Star).count();
    stop();
    // The first command may still be sent on a connection whose end nobody noticed.
    await assert.rejects(db.query(Star).count(), ConnectionError);
    for (const { name, write } of [...ADDED, ...CHANGED, ...DELETED]) {
      if (/session|answer/.test(name)) continue;
      await assert.rejects(write(db), (error) => {
        assert.ok(error instanceof DbPluginsError, name);
        assert.ok(
          error instanceof ConnectionError,
          `${name} ${Deno.inspect(error)}`,
        );
        assert.equal(error.outcome, "not applied", `${name} ${error.message}`);
        return true;
      });
    }
    const stars = db.query(Star);
    for (
      const read of [
        () => stars.findAll(),
        () => stars.count(),
        () => stars.checkExists(),
        () => stars.findOne({ filterBy: { id: 1n } }),
        () => Array.fromAsync(stars.stream()),
        () => stars.find(),
      ]
    ) {
      await assert.rejects(
        read,
        (error) =>
          error instanceof ConnectionError && error.outcome === undefined,
      );
    }
  } finally {
    await close().catch(() => {});
    await direct.dropDb();
  }
});

test("an answer lost in the middle of a stream is a ConnectionError", async () => {
  const settings = mongoSettings();
  await using direct = new MongoConnection({ models: SUITE_MODELS });
  await direct.connect(settings);
  await direct.createDb();
  const { db, close } = await through(settings, "getMore", undefined, 1_000);
  try {
    await direct.query(Star).bulkInsert(MANY);
    await assert.rejects(
      Array.fromAsync(db.query(Star).stream({ batchSize: 10 })),
      (error) =>
        error instanceof ConnectionError && error.outcome === undefined,
    );
    await assert.rejects(
      db.query(Star).findAll(),
      (error) => error instanceof ConnectionError,
    );
  } finally {
    await close();
    await direct.dropDb();
  }
});
