import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError, ValidationError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarInsert } from "./models.ts";
import { fillStars, plain } from "./stars.ts";

const SELF: unknown[] = [];
SELF.push(SELF);

/** Invalid rows, the invalid field, and the reason in the error. */
const REFUSED: readonly (readonly [string, object, string, RegExp])[] = [
  [
    "with a value of another type",
    { visits: "3" },
    "visits",
    /whole number, got a string/,
  ],
  ["with a fraction for an integer", { visits: 1.5 }, "visits", /whole number/],
  [
    "with a value beyond an int32",
    { visits: 2 ** 31 },
    "visits",
    /outside the range of int32/,
  ],
  ["with NaN", { mag: NaN }, "mag", /is NaN/],
  ["with an infinity", { mag: -Infinity }, "mag", /is -Infinity/],
  [
    "with a value beyond a float32",
    { flux: 1e39 },
    "flux",
    /outside the range of float32/,
  ],
  [
    "with a value too small for a float32",
    { flux: -1e-46 },
    "flux",
    /too small for float32/,
  ],
  [
    "with a number beyond 2^53 for an int64",
    { id: 2 ** 53 + 2 },
    "id",
    /beyond 2\^53/,
  ],
  [
    "with a value beyond an int64",
    { id: 2n ** 63n },
    "id",
    /outside the range of int64/,
  ],
  ["without a required field", { name: undefined }, "name", /is required/],
  ["with null in a required field", { name: null }, "name", /is required/],
  ["with NUL in a text", { name: "a\0b" }, "name", /NUL/],
  ["with half a surrogate pair", { name: "\udfff" }, "name", /surrogate/],
  [
    "with NUL in an array",
    { labels: ["ok", "\0"] },
    "labels",
    /\[1\] contains a NUL/,
  ],
  ["with null in an array", { labels: [null] }, "labels", /\[0\] is null/],
  [
    "with a text instead of an array",
    { labels: "a" },
    "labels",
    /must be an array/,
  ],
  ["with a value outside the enum", { kind: "Z" }, "kind", /one of O, G, M/],
  ["with an invalid date", { seen: new Date(NaN) }, "seen", /invalid Date/],
  [
    "with a text instead of a date",
    { seen: "2020-01-01" },
    "seen",
    /must be a Date/,
  ],
  ["with an invalid UUID", { uid: "1234" }, "uid", /must be a UUID/],
  [
    "with a symbol in JSON",
    { notes: { at: Symbol("x") } },
    "notes",
    /contains a symbol/,
  ],
  ...([
    ["a Map", { a: new Map([[1, 2]]) }, /class Map/],
    ["a Promise", Promise.resolve(1), /class Promise.*await it/],
    ["bytes", [Uint8Array.of(1)], /class Uint8Array/],
    ["an invalid Date", [new Date(NaN)], /contains an invalid Date/],
    ["NaN of a toJSON method", { toJSON: () => [NaN] }, /contains NaN/],
    ["an array with a hole", new Array(1), /contains undefined/],
    ["itself", SELF, /contains itself/],
  ] as const).map(([content, notes, reason]) =>
    [`with ${content} in JSON`, { notes }, "notes", reason] as const
  ),
  ["with NUL inside JSON", { notes: { a: ["x\0"] } }, "notes", /NUL/],
  [
    "with an unknown field",
    { nmae: "x" },
    "nmae",
    /not a field of star; did you mean name\?$/,
  ],
  [
    "with a relation that was included",
    { sightings: [] },
    "sightings",
    /is a relation of star, and a write takes fields only/,
  ],
  [
    "with a field called constructor",
    { constructor: 1 },
    "constructor",
    /not a field/,
  ],
];

/** Methods besides `bulkInsert` that write an invalid value to an existing row. */
const CHANGES: readonly (readonly [
  string,
  (db: Connection, wrong: object) => Promise<unknown>,
])[] = [
  [
    "bulkUpsert",
    (db, wrong) =>
      db.query(Star).bulkUpsert([
        { id: 1n, name: "Algol", mag: 9 },
        { id: 2n, name: "Mira", ...wrong },
      ]),
  ],
  [
    "bulkUpdate",
    (db, wrong) =>
      db.query(Star).bulkUpdate([{ id: 1n, mag: 9 }, { id: 2n, ...wrong }]),
  ],
  [
    "bulkUpdate by filter",
    (db, wrong) =>
      db.query(Star).bulkUpdate([
        [{ id: 1n }, { mag: 9 }],
        [{ id: 2n }, wrong],
      ]),
  ],
  [
    "updateAll",
    (db, wrong) => db.query(Star).updateAll({ filterBy: {}, set: wrong }),
  ],
  [
    "getOrCreate",
    (db, wrong) =>
      db.query(Star).getOrCreate({
        filterBy: { id: 77n },
        name: "Vega",
        ...wrong,
      }),
  ],
  [
    "insert",
    (db, wrong) => db.query(Star).insert({ id: 77n, name: "Vega", ...wrong }),
  ],
  [
    "update",
    async (db, wrong) => {
      const row = await db.query(Star).findOne({ filterBy: { id: 2n } });
      assert.ok(row);
      db.query(Star).update(row, wrong);
      await db.session.commit();
    },
  ],
];

/** Invalid rows and changes. */
export const invalidRows: readonly Behaviour[] = [
  ...REFUSED.map(([name, wrong, field, reason]) =>
    behaviour(
      `the error for a row ${name} has its index, field, value and reason`,
      async (db) => {
        const rows: StarInsert[] = [1n, 2n, 99n].map((id) => ({
          id,
          name: `star ${id}`,
        }));
        rows[2] = { id: 99n, name: "bad", ...wrong };
        await assert.rejects(db.query(Star).bulkInsert(rows), (error) => {
          assert.ok(error instanceof ValidationError, String(error));
          assert.equal(error.model, "star");
          const [problem] = error.rows;
          assert.deepEqual([problem?.index, problem?.field], [2, field]);
          assert.match(problem?.reason ?? "", reason);
          assert.match(error.message, /[^?.]\. No row was|[^.]\? No row was/);
          assert.ok(
            Object.is(problem?.value, Reflect.get(rows[2] ?? {}, field)),
          );
          return true;
        });
        assert.equal(await db.query(Star).count(), 0);
      },
    )
  ),
  ...CHANGES.map(([method, write]) =>
    behaviour(
      `${method} rejects every invalid value, and changes nothing`,
      async (db) => {
        await fillStars(db);
        const ordered = () =>
          db.query(Star).findAll({ orderBy: { id: "asc" } });
        const before = plain(await ordered());
        for (const [name, wrong, field] of REFUSED) {
          const [value] = Object.values(wrong);
          // The id selects the row, and undefined changes nothing.
          if (value === undefined || field === "id") continue;
          await assert.rejects(write(db, wrong), (error) => {
            assert.ok(
              error instanceof ValidationError || error instanceof QueryError,
              `${name}: ${error}`,
            );
            assert.match(error.message, new RegExp(`\\b${field}\\b`), name);
            return true;
          });
        }
        assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 0 });
        assert.deepEqual(plain(await ordered()), before);
      },
    )
  ),
];
