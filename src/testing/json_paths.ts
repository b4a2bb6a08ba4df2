import assert from "node:assert/strict";
import type { Filter } from "../query/filter/filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarRow } from "./models.ts";

const NOTES: readonly unknown[] = [
  { seeing: { median: 2.5, unit: "arcsec" }, tags: ["a", "Z"], ok: true },
  { seeing: { median: 10 }, tags: [], ok: false, "a.b": { $x: 1 }, "c.d": 1 },
  { seeing: { median: "2.5" }, tags: [[1, { deep: null }]], "0": "key" },
  { seeing: null },
  { seeing: [{ median: 2.5 }] },
  [2.5, "text", { median: 1 }],
  "seeing",
  7,
  null,
];

/** Conditions on `notes`, and the indexes of the {@link NOTES} that match. */
const MATCHING: readonly (readonly [
  string,
  Filter<StarRow>["notes"],
  readonly number[],
])[] = [
  ["eq of a number", { path: ["seeing", "median"], eq: 2.5 }, [0]],
  ["eq of a text", { path: ["seeing", "median"], eq: "2.5" }, [2]],
  ["ne (matches null, missing and other types)", {
    path: ["seeing", "median"],
    ne: 2.5,
  }, [1, 2, 3, 4, 5, 6, 7, 8]],
  ["gt, as numbers", { path: ["seeing", "median"], gt: 3 }, [1]],
  ["a range", { path: ["seeing", "median"], gte: 2.5, lt: 10 }, [0]],
  ["lte of a text, as texts", { path: ["seeing", "median"], lte: "3" }, [2]],
  ["gt of texts by code point", { path: ["tags", 1], lt: "a" }, [0]],
  ["in", { path: ["seeing", "median"], in: [10, "2.5"] }, [1, 2]],
  ["in of an empty list", { path: ["seeing", "median"], in: [] }, []],
  ["isNull: true", { path: ["seeing", "median"], isNull: true }, [
    3,
    4,
    5,
    6,
    7,
    8,
  ]],
  ["isNull: false", { path: ["seeing"], isNull: false }, [0, 1, 2, 4]],
  ["eq null", { path: ["tags", 0, 1, "deep"], eq: null }, [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
  ]],
  ["ne null", { path: ["tags", 0], ne: null }, [0, 2]],
  ["an index", { path: ["tags", 0], eq: "a" }, [0]],
  ["an index of the root", { path: [0], eq: 2.5 }, [5]],
  ["a key after an index", { path: [2, "median"], lt: 2 }, [5]],
  ["an index into a value that is not an array", {
    path: ["seeing", 0],
    isNull: false,
  }, [
    4,
  ]],
  ["a key that is a number", { path: ["0"], eq: "key" }, [2]],
  ["a number that is not a key", { path: [0], eq: "key" }, []],
  ["a key of an array", { path: ["tags", "0"], isNull: false }, []],
  ["keys with dots and dollars", { path: ["a.b", "$x"], eq: 1 }, [1]],
  ["a key with a dot", { path: ["c.d"], eq: 1 }, [1]],
  ["gt of a number, where an array has a text", { path: [1], gt: 0 }, []],
  ["gt of a number, where an item is a text", { path: ["tags", 0], gt: 0 }, []],
  ["lt of a text, where an array has a number", { path: [0], lt: "z" }, []],
  ["gte of a number, where an object is", { path: [2], gte: 0 }, []],
  ["a boolean", { path: ["ok"], eq: true }, [0]],
  ["an object", {
    path: ["seeing"],
    eq: { unit: "arcsec", median: 2.5 },
  }, [0]],
  ["a part of an object", { path: ["seeing"], eq: { median: 2.5 } }, []],
  ["an array", { path: ["tags"], eq: ["a", "Z"] }, [0]],
  ["an empty array", { path: ["tags"], eq: [] }, [1]],
  ["a quote in a key", { path: ['"]', "'"], eq: 1 }, []],
];

/** Conditions on values within JSON fields. */
export const jsonPaths: readonly Behaviour[] = MATCHING.map((
  [name, notes, matching],
) =>
  behaviour(
    `a condition on a path of a JSON field with ${name} returns the matching rows`,
    async (db) => {
      const query = db.query(Star);
      await query.bulkInsert(
        NOTES.map((notes, index) => ({
          id: BigInt(index),
          name: `star ${index}`,
          notes,
        })),
      );
      const idsOf = async (filterBy: Filter<StarRow>): Promise<number[]> => {
        const rows = await query.findAll({ filterBy, orderBy: { id: "asc" } });
        return rows.map(({ id }) => Number(id));
      };
      assert.deepEqual(await idsOf({ notes }), matching);
      assert.deepEqual(
        await idsOf({ not: { notes } }),
        [...NOTES.keys()].filter((index) => !matching.includes(index)),
      );
    },
  )
);
