import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { DbPluginsError, QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarInsert } from "./models.ts";
import { fillStars } from "./stars.ts";

/** A star with the key of an existing one. */
const TAKEN: StarInsert = { id: 1n, name: "x" };
/** A star with an invalid value. */
const INVALID: StarInsert = { id: 99n, name: "x", mag: NaN };

/** Failing writes, each on a connection with some stars. */
const WRITES: readonly (readonly [
  string,
  (db: Connection) => Promise<unknown>,
])[] = [
  ["insert of an existing key", (db) => db.query(Star).insert(TAKEN)],
  ["insert of an invalid row", (db) => db.query(Star).insert(INVALID)],
  [
    "getOrCreate without a key",
    (db) => db.query(Star).getOrCreate({ filterBy: { name: "x" } }),
  ],
  [
    "getOrCreate of an invalid row",
    (db) => db.query(Star).getOrCreate({ filterBy: { id: 99n }, mag: NaN }),
  ],
  [
    "bulkInsert of an existing key",
    (db) =>
      db.query(Star).bulkInsert([{ id: 99n, name: "x" }, TAKEN], {
        onConflict: "error",
      }),
  ],
  [
    "bulkInsert of an invalid row",
    (db) => db.query(Star).bulkInsert([{ id: 98n, name: "x" }, INVALID]),
  ],
  [
    "bulkUpsert of an invalid row",
    (db) => db.query(Star).bulkUpsert([{ id: 1n, mag: 1 }, INVALID]),
  ],
  [
    "bulkUpdate of an invalid row",
    (db) => db.query(Star).bulkUpdate([{ id: 1n, mag: 1 }, INVALID]),
  ],
  [
    "updateAll with an invalid value",
    (db) => db.query(Star).updateAll({ filterBy: {}, set: { mag: NaN } }),
  ],
  [
    "deleteAll without a filter",
    (db) => db.query(Star).deleteAll({ filterBy: {} }),
  ],
  [
    "commit of a missing row",
    async (db) => {
      const { session } = db;
      try {
        db.query(Star).update(
          { ...await firstStar(db), id: 999n },
          { mag: 1 },
        );
        await session.commit();
      } finally {
        session.rollback();
      }
    },
  ],
  [
    "transaction whose last call fails",
    (db) =>
      db.transaction(async (tx) => {
        await tx.query(Star).deleteAll({ filterBy: {}, all: true });
        await tx.query(Star).insert(INVALID);
      }),
  ],
  [
    "transaction whose read fails",
    (db) =>
      db.transaction(async (tx) => {
        await tx.query(Star).deleteAll({ filterBy: {}, all: true });
        await tx.query(Star).findAll({ select: ["nme" as "name"] });
      }),
  ],
  [
    "nested transaction",
    (db) =>
      db.transaction(async (tx) => {
        await tx.query(Star).updateAll({ filterBy: {}, set: { mag: 1 } });
        await tx.transaction((inner) => inner.query(Star).insert(TAKEN));
      }),
  ],
];

async function firstStar(db: Connection) {
  const star = await db.query(Star).findOne({ filterBy: { id: 1n } });
  assert.ok(star);
  return star;
}

/** What failed writes say about the database. */
export const outcomes: readonly Behaviour[] = [
  behaviour(
    "an error of a write has the outcome, and the database agrees",
    async (db) => {
      await fillStars(db);
      const all = () => db.query(Star).findAll({ orderBy: { id: "asc" } });
      const before = await all();
      for (const [name, write] of WRITES) {
        await assert.rejects(() => write(db), (error) => {
          assert.ok(error instanceof DbPluginsError, name);
          assert.equal(error.outcome, "not applied", name);
          return true;
        });
        assert.deepEqual(await all(), before, name);
      }
    },
  ),
  behaviour("an error of a read has no outcome", async (db) => {
    for (
      const read of [
        () => db.query(Star).findAll({ select: ["nme" as "name"] }),
        () => db.query(Star).first({ orderBy: { nme: "asc" } as object }),
        () => db.query(Star).count({ filterBy: { nme: 1 } as object }),
      ]
    ) {
      await assert.rejects(read, (error) => {
        assert.ok(error instanceof DbPluginsError);
        assert.equal(error.outcome, undefined);
        return true;
      });
    }
  }),
  behaviour(
    "a transaction throws the error of its function as it is",
    async (db) => {
      const own = Object.freeze(new Error("own"));
      await assert.rejects(
        db.transaction(() => Promise.reject(own)),
        (error) => error === own,
      );
      const frozen = Object.freeze(new QueryError("frozen"));
      await assert.rejects(
        db.transaction(() => Promise.reject(frozen)),
        (error) => error === frozen,
      );
    },
  ),
];
