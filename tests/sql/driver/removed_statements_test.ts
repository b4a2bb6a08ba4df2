// Something else than this package removes the prepared statements of a session:
// the user of a pool, or a pooler.
import {
  DatabaseError,
  defineModel,
  type InsertOf,
  type Query,
  type RowOf,
  SerializationError,
  SQLConnection,
  type Transaction,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import pg from "pg";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import {
  clientConfig,
  freshPglite,
  freshSchema,
  postgres15Settings,
  postgresSettings,
} from "../../support/engines.ts";

const Star = defineModel("star", {
  fields: z.object({ id: z.int32(), mag: z.float64().nullable() }),
  primaryKey: ["id"],
});

const SEEN = ["discard all", "deallocate all"];
/** Its command tag does not say what it removes. */
const UNSEEN = "do $$ begin execute 'deallocate all'; end $$";

type Db = SQLConnection<readonly [typeof Star]>;

/** Sends each prepared statement of a few calls. */
async function use(
  stars: Query<typeof Star, RowOf<typeof Star>, InsertOf<typeof Star>>,
): Promise<void> {
  await stars.getOrCreate({ filterBy: { id: 1 }, mag: 1 });
  assert.equal((await stars.findOne({ filterBy: { id: 1 } }))?.mag, 1);
  assert.equal((await stars.findAll({ limit: 1 })).length, 1);
  assert.equal(await stars.count(), 1);
  await stars.updateAll({ filterBy: { id: 1 }, set: { mag: 1 } });
  await stars.bulkInsert([{ id: 1 }]);
}

/** Opens a connection that has prepared statements, on a pool of one client. */
async function prepared(
  settings: Record<string, unknown> | undefined,
  fn: (db: Db, pool: pg.Pool, schema: string) => Promise<void>,
): Promise<void> {
  if (settings === undefined) return;
  const pool = new pg.Pool({ ...clientConfig(settings), max: 1 });
  const SCHEMA = freshSchema();
  const db: Db = new SQLConnection({ models: [Star], client: pool });
  await db.connect({ SCHEMA });
  await db.createDb();
  try {
    await use(db.query(Star));
    await use(db.query(Star));
    await fn(db, pool, SCHEMA);
  } finally {
    await pool.query(`drop schema ${SCHEMA} cascade`);
    await db.close();
    await pool.end();
  }
}

const SERVERS = {
  "postgresql": postgresSettings,
  "postgresql 15": postgres15Settings,
};

for (const [name, settings] of Object.entries(SERVERS)) {
  for (const text of [...SEEN, UNSEEN]) {
    test(`${name}: calls go on after ${text} on a client of a pool`, () =>
      prepared(settings(), async (db, pool) => {
        await pool.query(text);
        await use(db.query(Star));
        await use(db.query(Star));
        await pool.query(text);
        await db.transaction((tx) => use(tx.query(Star)));
        await db.transaction(async (tx) => {
          await tx.query(Star).bulkInsert([{ id: 1 }]);
          await use(tx.query(Star));
        });
      }));
  }

  test(`${name}: an EXECUTE of an unknown statement is no conflict`, () =>
    prepared(settings(), async (db) => {
      await assert.rejects(
        db.sql`execute missing(1)`,
        (error) =>
          error instanceof DatabaseError && error.code === "26000" &&
          /"missing" does not exist$/.test(error.message),
      );
    }));

  for (const text of SEEN) {
    test(`${name}: calls go on after db.sql with ${text}`, () =>
      prepared(settings(), async (db) => {
        await (text === "discard all"
          ? db.sql`discard all`
          : db.sql`deallocate all`);
        await use(db.query(Star));
        await db.transaction((tx) => use(tx.query(Star)));
      }));
  }

  test(`${name}: a transaction that loses its statements halfway says to run it again, and retries do`, () =>
    prepared(settings(), async (db, pool, schema) => {
      let runs = 0;
      await pool.query(
        `create function ${schema}.forget() returns trigger language plpgsql as $$ begin execute 'deallocate all'; return null; end $$;
        create trigger forget after update on ${schema}.star for each row when (new.mag = 99) execute function ${schema}.forget()`,
      );
      const work = async (tx: Transaction<readonly [typeof Star]>) => {
        const mag = runs++ === 0 ? 99 : 1;
        await tx.query(Star).updateAll({ filterBy: {}, set: { mag } });
        await use(tx.query(Star));
      };
      await assert.rejects(
        db.transaction(work),
        (error) =>
          error instanceof SerializationError &&
          /run the transaction again.*PREPARE: false/.test(error.message),
      );
      runs = 0;
      await use(db.query(Star));
      await db.transaction(work, { retries: 1 });
      assert.equal(runs, 2);
      await use(db.query(Star));
    }));
}

test("pglite: calls go on after discard all", async () => {
  const client = await freshPglite();
  const db = new SQLConnection({ models: [Star], client });
  await db.connect({});
  await db.createDb();
  await use(db.query(Star));
  await client.exec("discard all");
  await use(db.query(Star));
  await db.close();
  await client.close();
});
