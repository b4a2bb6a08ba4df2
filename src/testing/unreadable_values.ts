import assert from "node:assert/strict";
import { LimitError, QueryError, ValidationError } from "../base/errors/mod.ts";
import type { Filter } from "../query/filter/filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { FILTERED, WRITES } from "./every_method.ts";
import { Star, type StarInsert, type StarRow } from "./models.ts";
import { fillStars, names, STARS } from "./stars.ts";

/** What the caller's own code throws. */
const OWN = new Error("no such night");

function fail(): never {
  throw OWN;
}

/** Rows that throw when they are read, and the field in the error. */
const UNREADABLE: readonly (readonly [string, StarInsert, string])[] = [
  [
    "a getter",
    {
      id: 71n,
      name: "bad",
      get mag() {
        return fail();
      },
    },
    "mag",
  ],
  [
    "a toJSON method",
    { id: 71n, name: "bad", notes: { at: [{ toJSON: fail }] } },
    "notes",
  ],
  [
    "a getter in JSON",
    {
      id: 71n,
      name: "bad",
      notes: {
        get at() {
          return fail();
        },
      },
    },
    "notes",
  ],
  [
    "a proxy",
    new Proxy({ id: 71n, name: "bad" }, { ownKeys: fail }),
    "the row",
  ],
];

/** A filter with a number of levels. */
function nested(levels: number): Filter<StarRow> {
  let filter: Filter<StarRow> = { visits: 3 };
  for (let level = 1; level < levels; level++) {
    filter = level % 2 === 0 ? { or: [filter] } : { not: filter };
  }
  return filter;
}

/** Rows and filters that no call can read to the end. */
export const unreadableValues: readonly Behaviour[] = [
  behaviour("a filter may have 64 levels", async (db) => {
    await fillStars(db);
    const rows = await db.query(Star).findAll({
      filterBy: nested(64),
      orderBy: { id: "asc" },
    });
    assert.deepEqual(names(rows), ["Algol", "Mira"]);
    assert.equal(await db.query(Star).count({ filterBy: nested(63) }), 3);
  }),
  behaviour(
    "a filter that is too deep or contains itself is a LimitError of every method",
    async (db) => {
      await fillStars(db);
      const cyclic: Filter<StarRow> = {};
      cyclic.or = [cyclic];
      const deep = [nested(65), nested(100_000), cyclic];
      for (const [method, call] of FILTERED) {
        for (const filterBy of deep) {
          await assert.rejects(call(db, filterBy), (error) => {
            assert.ok(error instanceof LimitError, `${method}: ${error}`);
            assert.equal(error.allowed, 64);
            assert.match(error.message, /Cannot filter star: .* 64 levels/);
            return true;
          });
        }
      }
      assert.equal(await db.query(Star).count(), STARS.length);
    },
  ),
  behaviour(
    "a filter whose getter or toJSON method throws is a QueryError that names the field and keeps the cause",
    async (db) => {
      await fillStars(db);
      const filters: readonly (readonly [Filter<StarRow>, string])[] = [
        [{
          or: [{
            get mag() {
              return fail();
            },
          }],
        }, "mag"],
        [{ notes: { eq: { toJSON: fail } } }, "notes"],
        [new Proxy({}, { ownKeys: fail }), "filterBy"],
        [new Proxy({}, { getPrototypeOf: fail }), "filterBy"],
      ];
      for (const [method, call] of FILTERED) {
        for (const [filterBy, field] of filters) {
          await assert.rejects(call(db, filterBy), (error) => {
            assert.ok(error instanceof QueryError, `${method}: ${error}`);
            assert.deepEqual([error.model, error.field], ["star", field]);
            assert.equal(error.cause, OWN);
            assert.match(error.message, /cannot be read: no such night/);
            return true;
          });
        }
      }
    },
  ),
  ...WRITES.map(([method, write, index]) =>
    behaviour(
      `${method} names the field of a row that cannot be read, keeps the cause, and writes nothing`,
      async (db) => {
        await fillStars(db);
        for (const [what, row, field] of UNREADABLE) {
          await assert.rejects(
            async () => await write(db, row),
            (error) => {
              assert.ok(error instanceof ValidationError, `${what}: ${error}`);
              assert.equal(error.model, "star");
              const [problem] = error.rows;
              assert.deepEqual([problem?.index, problem?.field], [
                index,
                field,
              ]);
              assert.equal(error.cause, OWN, what);
              assert.match(error.message, /cannot be read: no such night/);
              return true;
            },
          );
        }
        assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 0 });
        assert.equal(await db.query(Star).count(), STARS.length);
      },
    )
  ),
];
