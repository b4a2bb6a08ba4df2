// A killed server or a failing source: writes are complete or absent, nothing stays open, and the next call works.
import { ConnectionError } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import { postgresql } from "@alerce/db-plugins/sql";
import assert from "node:assert/strict";
import { connected, type Db, stars, test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";
import {
  type PostgresServer,
  settingsOf,
  startPostgres,
} from "../../support/servers.ts";
import { untilEqual } from "../../support/waiting.ts";

/** Counts backends of this database that are idle in a transaction. */
async function idleInTransaction(db: Db): Promise<bigint> {
  const [row] = await db.sql<{ count: bigint }>`
    select count(*) from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`;
  return row?.count ?? -1n;
}

test("a server killed during a transaction causes a ConnectionError; after a restart the connection works again", async () => {
  await withServer(async (server, db) => {
    await db.query(Star).bulkInsert(stars(3));
    const lost = db.transaction(async (tx) => {
      await tx.query(Star).bulkInsert([{ id: 50n, name: "Vega" }]);
      await server.kill();
      await tx.query(Star).count();
    });
    await assert.rejects(lost, ConnectionError);
    await assert.rejects(db.query(Star).count(), ConnectionError);
    await assert.rejects(
      db.query(Star).findOne({ filterBy: { id: 1n } }),
      ConnectionError,
    );
    await server.restart();
    assert.equal(await db.query(Star).count(), 3);
    assert.equal(
      (await db.query(Star).findOne({ filterBy: { id: 1n } }))?.name,
      "s1",
    );
  });
});

test("a server killed during a bulk write keeps none of it, and the call throws", async () => {
  await withServer(async (server, db) => {
    const source = (async function* () {
      for (const [index, row] of stars(200_000).entries()) {
        if (index === 150_000) await server.kill();
        yield row;
      }
    })();
    await assert.rejects(db.query(Star).bulkInsert(source), ConnectionError);
    await server.restart();
    assert.equal(await db.query(Star).count(), 0);
    assert.equal(
      (await db.query(Star).bulkInsert(stars(1_000))).inserted,
      1_000,
    );
  });
});

test("a server killed during a write of few rows causes an error that says that they may be written", async () => {
  await withServer(async (server, db) => {
    const vega = { id: 1n, name: "Vega" };
    const [inserted, killed] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    const holding = db.transaction(async (tx) => {
      await tx.query(Star).bulkInsert([vega]);
      inserted.resolve();
      await killed.promise;
      await tx.query(Star).count();
    });
    holding.catch(() => {});
    await inserted.promise;
    const writing = db.query(Star).bulkUpsert([vega]);
    writing.catch(() => {});
    await untilEqual("a wait for a lock", () => waitingForLock(db), 1n);
    await server.kill();
    await assert.rejects(
      writing,
      (error) =>
        error instanceof ConnectionError &&
        /may have been committed or not/.test(error.message),
    );
    killed.resolve();
    await assert.rejects(holding, ConnectionError);
  });
});

/** Counts statements of this database that wait for a lock. */
async function waitingForLock(db: Db): Promise<bigint> {
  const [row] = await db.sql<{ count: bigint }>`
    select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  return row?.count ?? 0n;
}

async function withServer(
  work: (server: PostgresServer, db: Db) => Promise<void>,
): Promise<void> {
  const server = await startPostgres();
  try {
    const db = await connected({
      ...settingsOf(server),
      CONNECT_TIMEOUT: 30_000,
    });
    await work(server, db);
    await db.close();
  } finally {
    await server.stop();
  }
}

test("a backend terminated during a query causes a ConnectionError, and the next call works", async () => {
  await withDatabase(async (db, other) => {
    const lost = db.transaction(async (tx) => {
      await tx.query(Star).bulkInsert(stars(1));
      await other
        .sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
        and datname = current_database() and state = 'idle in transaction'`;
      await tx.query(Star).count();
    });
    await assert.rejects(lost, ConnectionError);
    assert.equal(await db.query(Star).count(), 0);
  });
});

/** Opens two connections to a database of its own. */
async function withDatabase(
  work: (db: Db, other: Db) => Promise<void>,
): Promise<void> {
  const settings = { ...postgresSettings(), DB_NAME: freshSchema() };
  await postgresql.createDatabase?.(settings, "");
  const [db, other] = [await connected(settings), await connected(settings)];
  try {
    await work(db, other);
  } finally {
    await db.close();
    await other.close();
  }
}

test("no failure leaves a backend idle in a transaction", () =>
  withDatabase(async (db, other) => {
    const broken = (at: number) =>
      (function* () {
        for (const [index, row] of stars(20_000).entries()) {
          if (index === at) throw new Error("the source broke");
          yield row;
        }
      })();
    const late = (async function* () {
      yield* stars(10);
      await Promise.resolve();
      throw new Error("late");
    })();
    const failures = [
      () => db.query(Star).bulkInsert(broken(0)),
      () => db.query(Star).bulkInsert(broken(19_999)),
      () => db.query(Star).bulkUpsert(broken(15_000)),
      () => db.query(Star).bulkInsert(late),
      () =>
        db.query(Star).bulkInsert([...stars(5_000), { id: 1n, name: "\0" }]),
      () =>
        db.query(Star).bulkInsert(
          [{ id: 1n, name: "a" }, { id: 1n, name: "b" }],
          { onConflict: "error" },
        ),
      () => db.query(Star).bulkUpdate([{ id: 1n, mag: NaN }]),
      () => db.transaction(() => Promise.reject(new Error("no"))),
      () =>
        db.transaction((tx) =>
          tx.transaction(() => Promise.reject(new Error("no")))
        ),
      async () => {
        for await (const _ of db.query(Star).stream({ batchSize: 1 })) {
          throw new Error("left");
        }
        throw new Error("empty");
      },
    ];
    const untilNoneIdles = () =>
      untilEqual(
        "the sessions that idle in a transaction",
        () => idleInTransaction(other),
        0n,
      );
    for (const fail of failures) await assert.rejects(fail);
    assert.equal(await db.query(Star).count(), 0);
    await untilNoneIdles();
    await db.query(Star).bulkInsert(stars(10));
    for await (const _ of db.query(Star).stream({ batchSize: 2 })) break;
    await untilNoneIdles();
  }));
