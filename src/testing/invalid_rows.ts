import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError, ValidationError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarInsert } from "./models.ts";
import { fillStars, plain } from "./stars.ts";

/** Rows that cannot be written, the field to blame, and why. */
const REFUSED: readonly (readonly [string, object, string, RegExp])[] = [
  ["of another type", { visits: "3" }, "visits", /whole number, got a string/],
  ["with a fraction for an integer", { visits: 1.5 }, "visits", /whole number/],
  [
    "beyond an int32",
    { visits: 2 ** 31 },
    "visits",
    /outside the range of int32/,
  ],
  ["with NaN", { mag: NaN }, "mag", /is NaN/],
  ["with an infinity", { mag: -Infinity }, "mag", /is -Infinity/],
  [
    "beyond single precision",
    { flux: 1e39 },
    "flux",
    /outside the range of float32/,
  ],
  ["with an integer beyond 2^53", { id: 2 ** 53 + 2 }, "id", /beyond 2\^53/],
  ["beyond an int64", { id: 2n ** 63n }, "id", /outside the range of int64/],
  ["without a required field", { name: undefined }, "name", /is required/],
  ["with null in a required field", { name: null }, "name", /is required/],
  ["with NUL in its text", { name: "a\0b" }, "name", /NUL/],
  ["with half a surrogate pair", { name: "\udfff" }, "name", /surrogate/],
  [
    "with NUL in an array",
    { labels: ["ok", "\0"] },
    "labels",
    /\[1\] contains a NUL/,
  ],
  ["with null in an array", { labels: [null] }, "labels", /\[0\] is null/],
  ["with text for an array", { labels: "a" }, "labels", /must be an array/],
  ["with a word that is no value", { kind: "Z" }, "kind", /one of O, G, M/],
  ["with an invalid date", { seen: new Date(NaN) }, "seen", /invalid Date/],
  ["with text for a date", { seen: "2020-01-01" }, "seen", /must be a Date/],
  ["with no UUID", { uid: "1234" }, "uid", /must be a UUID/],
  [
    "with what JSON cannot say",
    { notes: { at: 1n } },
    "notes",
    /contains a bigint/,
  ],
  ["with NUL inside JSON", { notes: { a: ["x\0"] } }, "notes", /NUL/],
  [
    "with an unknown field",
    { nmae: "x" },
    "nmae",
    /not a field of star; did you mean name\?/,
  ],
  [
    "with a prototype's name for a field",
    { constructor: 1 },
    "constructor",
    /not a field/,
  ],
];

/** Ways to write what is wrong with a row that is there, besides `bulkInsert`. */
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
    "update",
    async (db, wrong) => {
      const row = await db.query(Star).findOne({ filterBy: { id: 2n } });
      assert.ok(row);
      db.query(Star).update(row, wrong);
      await db.session.commit();
    },
  ],
];

/** Rows and changes that cannot be written. */
export const invalidRows: readonly Behaviour[] = [
  ...REFUSED.map(([name, wrong, field, reason]) =>
    behaviour(
      `a row ${name} is refused with its index, field, value and reason`,
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
          assert.ok(
            Object.is(problem?.value, Reflect.get(rows[2] ?? {}, field)),
          );
          return true;
        });
        assert.equal(await db.query(Star).count(), 0);
      },
    )
  ),
  ...CHANGES.map(([way, write]) =>
    behaviour(
      `${way} refuses every value that a row may not hold, and changes nothing`,
      async (db) => {
        await fillStars(db);
        const ordered = () =>
          db.query(Star).findAll({ orderBy: { id: "asc" } });
        const before = plain(await ordered());
        for (const [name, wrong, field] of REFUSED) {
          const [value] = Object.values(wrong);
          // A key names the row, and what is not given is not changed.
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
