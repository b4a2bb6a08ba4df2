// A server that dies, tables that change, writers side by side: what is written is whole, and the next call works.
import {
  ConnectionError,
  DuplicateKeyError,
  ForeignKeyError,
  SchemaError,
  SQLConnection,
} from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  NonDetection,
  Xmatch,
} from "@alerce/db-plugins/models";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import { postgresql } from "@alerce/db-plugins/sql";
import assert from "node:assert/strict";
import { freshSchema, postgresSettings, sqlEngines } from "./engines.ts";
import {
  POSTGRES_USER,
  type PostgresServer,
  startPostgres,
} from "./servers.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

type Db = SQLConnection<typeof SUITE_MODELS>;

async function connected(settings: object = {}): Promise<Db> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    ...settings,
  });
  await db.createDb();
  return db;
}

const stars = (count: number) =>
  Array.from(
    { length: count },
    (_, place) => ({ id: BigInt(place), name: `s${place}` }),
  );

/** Backends of this database that hold a transaction open and do nothing. */
async function idleInTransaction(db: Db): Promise<bigint> {
  const [row] = await db.sql<{ count: bigint }>`
    select count(*) from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`;
  return row?.count ?? -1n;
}

test("a server that dies in mid-transaction is a ConnectionError; when it is back, so is the connection", async () => {
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

test("a server that dies in mid-bulk leaves nothing of the bulk, and the call ends", async () => {
  await withServer(async (server, db) => {
    const source = (async function* () {
      for (const [place, row] of stars(200_000).entries()) {
        if (place === 150_000) await server.kill();
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

async function withServer(
  work: (server: PostgresServer, db: Db) => Promise<void>,
): Promise<void> {
  const server = await startPostgres();
  try {
    const db = await connected({
      PORT: server.port,
      USER: POSTGRES_USER,
      PASSWORD: server.password,
      CONNECT_TIMEOUT: 3_000,
    });
    await work(server, db);
    await db.close();
  } finally {
    await server.stop();
  }
}

test("a backend that is ended in mid-query is a ConnectionError, and the next call works", async () => {
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

/** Two connections to a database that no other test uses. */
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

test("whatever fails, no backend is left idle in a transaction", () =>
  withDatabase(async (db, other) => {
    const broken = (at: number) =>
      (function* () {
        for (const [place, row] of stars(20_000).entries()) {
          if (place === at) throw new Error("the source broke");
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
    for (const fail of failures) await assert.rejects(fail);
    assert.equal(await db.query(Star).count(), 0);
    assert.equal(await idleInTransaction(other), 0n);
    await db.query(Star).bulkInsert(stars(10));
    for await (const _ of db.query(Star).stream({ batchSize: 2 })) break;
    assert.equal(await idleInTransaction(other), 0n);
  }));

test("a hundred at once make one row of a key, fifty times over, from several connections", async () => {
  const SCHEMA = freshSchema();
  const [left, right] = [
    await connected({ SCHEMA }),
    await connected({ SCHEMA }),
  ];
  for (let round = 0; round < 50; round++) {
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        (_, place) =>
          (place % 2 === 0 ? left : right).query(Star).getOrCreate({
            filterBy: { id: BigInt(round) },
            name: `s${round}`,
            visits: place,
          }),
      ),
    );
    assert.equal(
      answers.filter(([, created]) => created).length,
      1,
      `round ${round}`,
    );
    assert.equal(new Set(answers.map(([row]) => row.visits)).size, 1);
  }
  assert.equal(await left.query(Star).count(), 50);
  await left.dropDb();
  await left.close();
  await right.close();
});

test("bulk writers side by side, in whatever order, neither deadlock nor lose rows", async () => {
  const db = await connected();
  const rows = stars(3_000);
  const orders = [
    rows,
    rows.toReversed(),
    rows.toSorted((a, b) => a.name < b.name ? -1 : 1),
    rows.toReversed(),
  ];
  for (let round = 0; round < 5; round++) {
    const inserted = await Promise.all(
      orders.map((order) => db.query(Star).bulkInsert(order)),
    );
    const total = inserted.reduce((sum, { inserted }) => sum + inserted, 0);
    assert.equal(total, 3_000);
    if (round < 4) await db.query(Star).deleteAll({ filterBy: {}, all: true });
  }
  await Promise.all(
    orders.map((order, place) =>
      db.query(Star).bulkUpsert(order.map((row) => ({ ...row, visits: place })))
    ),
  );
  assert.equal(await db.query(Star).count(), 3_000);
  assert.equal(
    new Set((await db.query(Star).findAll()).map(({ visits }) => visits)).size,
    1,
  );
  await db.dropDb();
  await db.close();
});

test("a serialization failure is run again as often as retries allow", async () => {
  const db = await connected();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a", visits: 0 }]);
  const bump = (retries: number) =>
    db.transaction(async (tx) => {
      const row = await tx.query(Star).findOne({ filterBy: { id: 1n } });
      await tx.query(Star).updateAll({
        filterBy: { id: 1n },
        set: { visits: (row?.visits ?? 0) + 1 },
      });
    }, { isolationLevel: "serializable", retries });
  await Promise.all(Array.from({ length: 5 }, () => bump(50)));
  assert.equal((await db.query(Star).first())?.visits, 5);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => bump(0)),
  );
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(failed.every(({ reason }) => reason.name === "SerializationError"));
  await assert.rejects(
    db.transaction((tx) => tx.query(Star).deleteAll({ filterBy: { id: 1n } }), {
      readOnly: true,
    }),
    /read-only/,
  );
  await db.dropDb();
  await db.close();
});

test("a column that changes its type while statements are prepared is read as it is now", async () => {
  const SCHEMA = freshSchema();
  const db = await connected({ SCHEMA, POOL_SIZE: 2 });
  await db.query(Star).bulkInsert([{ id: 1n, name: "a", mag: 0.5, visits: 3 }]);
  const byKey = () => db.query(Star).findOne({ filterBy: { id: 1n } });
  const byMag = () => db.query(Star).findAll({ filterBy: { mag: 0.5 } });
  for (let round = 0; round < 8; round++) {
    assert.equal((await byKey())?.mag ?? (await byMag())[0]?.mag, 0.5);
  }
  await db.sql`alter table ${
    (await import("kysely")).sql.id(SCHEMA, "star")
  } alter column mag type real, alter column visits type smallint`;
  for (let round = 0; round < 3; round++) {
    const [row, [other]] = [await byKey(), await byMag()];
    assert.deepEqual([row?.mag, row?.visits, other?.mag], [0.5, 3, 0.5]);
  }
  assert.equal(
    (await db.query(Star).bulkInsert([{
      id: 2n,
      name: "b",
      mag: 0.25,
      visits: 4,
    }])).inserted,
    1,
  );
  assert.equal(
    (await db.query(Star).bulkUpsert([{
      id: 2n,
      name: "b",
      mag: 0.75,
      visits: 5,
    }])).updated,
    1,
  );
  assert.deepEqual(
    (await db.query(Star).findAll({ orderBy: { id: "asc" } })).map((
      { mag, visits },
    ) => [mag, visits]),
    [[0.5, 3], [0.75, 5]],
  );
  await db.dropDb();
  await db.close();
});

test("a column that the model would read wrongly is refused, not misread", async () => {
  const SCHEMA = freshSchema();
  const db = await connected({ SCHEMA });
  await db.sql`alter table ${
    (await import("kysely")).sql.id(SCHEMA, "star")
  } alter column variable type integer using 1`;
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]).catch(() => {});
  await assert.rejects(
    db.query(Star).findAll(),
    (error) =>
      error instanceof SchemaError &&
      /variable of star is no boolean/.test(error.message),
  );
  await db.dropDb();
  await assert.rejects(
    db.query(Star).findAll(),
    (error) => error instanceof SchemaError && /dbp initdb/.test(error.message),
  );
  await db.close();
});

for (const engine of sqlEngines) {
  test(`${engine.name}: a row that refers to nothing is a ForeignKeyError, and nothing is written`, async () => {
    const db = await engine.open(ALERCE_MODELS);
    await db.createDb();
    await db.query(AstroObject).bulkInsert([{ oid: "a" }]);
    const rows = [{ oid: "a", fid: 1, mjd: 1 }, { oid: "b", fid: 1, mjd: 1 }];
    for (
      const write of [
        () => db.query(NonDetection).bulkInsert(rows),
        () => db.query(NonDetection).bulkUpsert(rows),
      ]
    ) {
      await assert.rejects(write, (error) => {
        assert.ok(error instanceof ForeignKeyError, String(error));
        assert.deepEqual([error.table, error.constraint, error.fields], [
          "non_detection",
          "non_detection_oid_fkey",
          ["oid"],
        ]);
        return true;
      });
    }
    assert.equal(await db.query(NonDetection).count(), 0);
    await assert.rejects(
      db.query(Xmatch).getOrCreate({
        filterBy: { oid: "b", catid: "c" },
        oid_catalog: "x",
        dist: 1,
      }),
      ForeignKeyError,
    );
    await db.query(NonDetection).bulkInsert(rows.slice(0, 1));
    await assert.rejects(
      db.query(AstroObject).deleteAll({ filterBy: { oid: "a" } }),
      ForeignKeyError,
    );
    await db.dropDb();
    await db.close();
  });

  test(`${engine.name}: a transaction that failed says so, and keeps nothing`, async () => {
    const db = await engine.open(SUITE_MODELS);
    await db.createDb();
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Sighting).bulkInsert([{
          star: 1n,
          night: 1,
          quality: 1,
        }]);
        await tx.query(Sighting).bulkInsert([{
          star: 1n,
          night: 1,
          quality: 1,
        }], { onConflict: "error" }).catch((error) =>
          assert.ok(error instanceof DuplicateKeyError)
        );
        await tx.query(Sighting).count();
      }),
      /nothing of it will be kept/,
    );
    assert.equal(await db.query(Sighting).count(), 0);
    await db.dropDb();
    await db.close();
  });
}
