import assert from "node:assert/strict";
import { LimitError } from "../base/errors/mod.ts";
import type { Filter } from "../query/filter/filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { FILTERED, WRITES } from "./every_method.ts";
import { Star, type StarRow } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

/** A million characters. */
const LONG = "x".repeat(1_000_000);

/** Returns a value that contains the one before twice, and so on: few objects, and 2^40 values. */
function doubled<T>(first: T, twice: (value: T) => T): T {
  let value = first;
  for (let level = 0; level < 40; level++) value = twice(value);
  return value;
}

/** JSON that is small in memory and endless as text. */
const ENDLESS: readonly (readonly [name: string, limit: string, unknown])[] = [
  [
    "shared objects with long keys",
    "text",
    doubled<unknown>(1, (x) => ({ [LONG.slice(0, 9_000)]: x, y: x })),
  ],
  ["one long text many times", "text", { at: Array(600).fill(LONG) }],
  [
    "a toJSON method",
    "text",
    { toJSON: () => doubled<unknown>(LONG, (x) => [x, x]) },
  ],
];

/** Filters that are small in memory and endless for a database. */
const FILTERS: readonly (readonly [
  name: string,
  limit: string,
  Filter<StarRow>,
])[] = [
  [
    "shared filters",
    "conditions",
    doubled<Filter<StarRow>>({ visits: 3 }, (x) => ({ or: [x, { not: x }] })),
  ],
  ["one long text many times", "text", { name: Array(600).fill(LONG) }],
  [
    "long texts in several conditions",
    "text",
    { and: Array(100).fill({ name: { ne: LONG } }) },
  ],
  ["a list of any length", "values", { name: { in: new Array(2 ** 32 - 1) } }],
  [
    "an array in several conditions",
    "text",
    { or: Array(100).fill({ labels: { contains: [LONG, "a"] } }) },
  ],
  ...ENDLESS.map(([name, limit, notes]) =>
    [`JSON with ${name}`, limit, { notes: { eq: notes } }] as const
  ),
];

function isBeyond(
  error: unknown,
  limit: string,
  message: RegExp,
  name: string,
): true {
  assert.ok(error instanceof LimitError, `${name}: ${error}`);
  assert.equal(error.limit, limit, name);
  assert.match(error.message, message, name);
  assert.match(error.message, new RegExp(`more than ${error.allowed} `), name);
  assert.ok(error.message.length < 500, name);
  return true;
}

/** Inputs that are small in memory, and that no database could hold. */
export const valueLimits: readonly Behaviour[] = [
  behaviour(
    "a filter with too many conditions, values or characters is a LimitError of every method",
    async (db) => {
      await fillStars(db);
      for (const [name, limit, filterBy] of FILTERS) {
        for (const [method, call] of FILTERED) {
          await assert.rejects(
            call(db, filterBy),
            (error) =>
              isBeyond(
                error,
                limit,
                /^Cannot filter star: the filter contains /,
                `${method}: ${name}`,
              ),
          );
        }
      }
      assert.equal(await db.query(Star).count(), STARS.length);
    },
  ),
  ...WRITES.map(([method, write, index]) =>
    behaviour(
      `${method} refuses JSON with too many characters, and writes nothing`,
      async (db) => {
        await fillStars(db);
        for (const [name, limit, notes] of ENDLESS) {
          await assert.rejects(
            async () => await write(db, { id: 71n, name: "bad", notes }),
            (error) =>
              isBeyond(
                error,
                limit,
                index === 1
                  ? /^Cannot write star: row 1: notes contains /
                  : /^Cannot write star: (?:row 0: )?notes contains .*No row was written$/,
                name,
              ),
          );
        }
        assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 0 });
        assert.equal(await db.query(Star).count(), STARS.length);
        assert.equal(
          await db.query(Star).count({ filterBy: { visits: 9 } }),
          0,
        );
      },
    )
  ),
  behaviour(
    "JSON with more values than allowed is a LimitError in rows and in filters",
    async (db) => {
      const notes = doubled<unknown>({}, (x) => ({ x, y: x }));
      const stars = db.query(Star);
      const calls = [
        () => stars.bulkInsert([{ id: 71n, name: "bad", notes }]),
        () => stars.count({ filterBy: { notes: { in: [1, notes] } } }),
      ];
      for (const call of calls) {
        await assert.rejects(
          call(),
          (error) => isBeyond(error, "values", /star/, String(call)),
        );
      }
      assert.equal(await stars.count(), 0);
    },
  ),
  behaviour("long lists and many conditions are still answered", async (db) => {
    await fillStars(db);
    const ids = Array.from({ length: 200_000 }, (_, index) => BigInt(index));
    const stars = db.query(Star);
    const all = [...ids, ...STARS.map(({ id }) => id)];
    assert.equal(await stars.count({ filterBy: { id: all } }), STARS.length);
    const terms = ids.slice(0, 2_000).map((id) => ({ id, visits: { gte: 1 } }));
    assert.equal(
      await stars.count({ filterBy: { or: terms } }),
      await stars.count({ filterBy: { visits: { gte: 1 } } }),
    );
  }),
];
