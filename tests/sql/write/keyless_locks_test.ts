// The advisory locks of upserts without a unique key, as the server shows them.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import { sql } from "kysely";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";

const fields = z.object({
  oid: z.string(),
  fid: z.int32(),
  value: z.float64().nullable(),
});
const Feature = defineModel("feature", { fields });
/** A table whose column `oid` ignores case. */
const NoCase = defineModel("nocase", { fields });
const MODELS = [Feature, NoCase] as const;
type Model = (typeof MODELS)[number];
const CONFLICT = { conflict: ["oid", "fid"] } as const;
/** The key of the lock of a whole table. */
const WHOLE = 0;
/** More keys than a transaction has room for. */
const MANY = 200;

const row = (oid: string | number, value = 1) => ({
  oid: String(oid),
  fid: 1,
  value,
});
const rows = (count: number) => Array.from({ length: count }, (_, n) => row(n));

interface Lock {
  readonly key: number;
  readonly mode: string;
  readonly granted: boolean;
}

interface Place {
  readonly schema: string;
  readonly one: SQLConnection<typeof MODELS>;
  readonly other: SQLConnection<typeof MODELS>;
  /** Returns the locks on a table, in the order of their keys. */
  locks(model?: Model): Promise<Lock[]>;
}

async function withTables(
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const settings = { ...postgresSettings(), SCHEMA: freshSchema() };
  const open = async () => {
    const db = new SQLConnection({ models: MODELS });
    await db.connect(settings);
    return db;
  };
  await using one = await open();
  await using other = await open();
  const { SCHEMA: schema } = settings;
  const run = (text: string) => sql.raw(text).execute(one.kysely);
  await run(`create schema ${schema}`);
  await run(
    `create collation ${schema}.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  );
  await run(`create table ${schema}.feature (oid text, fid int, value float8)`);
  await run(
    `create table ${schema}.nocase (oid text collate ${schema}.nocase, fid int, value float8)`,
  );
  const locks = async (model: Model = Feature): Promise<Lock[]> =>
    (await one.sql<Lock>`select objid::int as key, mode, granted from pg_locks
      where locktype = 'advisory' and classid = ${`${schema}.${model.table}`}::regclass::oid order by 1`)
      .map((lock) => ({ ...lock }));
  try {
    await work({ schema, one, other, locks });
  } finally {
    await run(`drop schema ${schema} cascade`);
  }
}

/** The locks that a transaction holds after an upsert. */
async function locksOf(
  { other, locks }: Place,
  model: Model,
  given: readonly object[],
): Promise<Lock[]> {
  return await other.transaction(async (tx) => {
    await tx.query<Model>(model).bulkUpsert(given as never, CONFLICT);
    return await locks(model);
  });
}

const SHARED = { key: WHOLE, mode: "ShareLock", granted: true };
const ALONE = { key: WHOLE, mode: "ExclusiveLock", granted: true };

test("an upsert of few keys locks each of them, and shares the table", async () => {
  await withTables(async (place) => {
    const [table, ...keys] = await locksOf(place, Feature, rows(5));
    assert.deepEqual(table, SHARED);
    assert.equal(keys.length, 5);
    assert.ok(keys.every(({ mode }) => mode === "ExclusiveLock"));
    const same = await locksOf(place, Feature, [row(1), { ...row(1), fid: 2 }]);
    assert.equal(same.length, 2);
  });
});

test("an upsert of many keys, of rows with different fields, or of keys whose texts differ locks the table", async () => {
  await withTables(async (place) => {
    assert.deepEqual(await locksOf(place, Feature, rows(MANY)), [ALONE]);
    const mixed = [row(1), { oid: "2", fid: 1 }];
    assert.deepEqual(await locksOf(place, Feature, mixed), [ALONE]);
    assert.deepEqual(await locksOf(place, NoCase, rows(2)), [ALONE]);
  });
});

test("an upsert that locks the table waits for one that locks keys, and finds its rows", async () => {
  await withTables(async ({ one, other, locks }) => {
    const written = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const held = one.transaction(async (tx) => {
      await tx.query(Feature).bulkUpsert([row(1)], CONFLICT);
      written.resolve();
      await release.promise;
    });
    await written.promise;
    const many = other.query(Feature).bulkUpsert(rows(MANY), CONFLICT);
    await waiting(locks);
    release.resolve();
    await held;
    assert.deepEqual(await many, {
      inserted: MANY - 1,
      updated: 0,
      unchanged: 1,
    });
  });
});

test("upserts lock their keys in one order, so that they cannot deadlock", async () => {
  await withTables(async (place) => {
    const { schema, one, other, locks } = place;
    const given = rows(40);
    const keys = (await locksOf(place, Feature, given)).map(({ key }) => key)
      .filter((key) => key !== WHOLE);
    const middle = keys[20];
    assert.ok(middle !== undefined);
    const locked = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const held = one.kysely.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(cast(${`${schema}.feature`} as regclass)::oid::int, ${
        sql.lit(middle)
      })`.execute(tx);
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const changed = given.map((row) => ({ ...row, value: 2 }));
    const upsert = other.query(Feature).bulkUpsert(changed, CONFLICT);
    await waiting(locks);
    const now = await locks();
    assert.deepEqual(
      now.filter(({ key }) => key !== WHOLE && key !== middle).map((
        { key },
      ) => key),
      keys.slice(0, 20),
    );
    release.resolve();
    await held;
    assert.equal((await upsert).updated, given.length);
  });
});

/** Waits until a lock is requested that another transaction holds. */
async function waiting(locks: Place["locks"]): Promise<void> {
  while ((await locks()).every(({ granted }) => granted)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
