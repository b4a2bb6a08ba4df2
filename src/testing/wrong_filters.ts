import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import type { Filter } from "../query/filter/filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarRow } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

/** Invalid filters, the text of their errors, and the suggested name. */
const INVALID: readonly (readonly [string, unknown, RegExp, string?])[] = [
  ["an unknown field", { nmae: "Mira" }, /no field "nmae"/, "name"],
  ["an unknown operator", { mag: { gtt: 3 } }, /no operator "gtt"/, "gt"],
  ["a database operator", { name: { $gt: "" } }, /no operator "\$gt"/],
  ["a field with a dot", { "notes.by": "x" }, /no field "notes\.by"/],
  [
    "a field called __proto__",
    JSON.parse('{ "__proto__": { "x": 1 } }'),
    /no field "__proto__"/,
  ],
  ["an undefined value", { mag: undefined }, /mag is undefined/],
  ["an undefined operator", { mag: { gt: undefined } }, /gt is undefined/],
  ["no operator", { mag: {} }, /mag has no operator/],
  ["a value of another type", { visits: "3" }, /visits must be a whole number/],
  ["a number beyond 2^53 for an int64", { id: 2 ** 60 }, /beyond 2\^53/],
  [
    "a fraction for an integer",
    { visits: 2.5 },
    /must be a whole number, got 2\.5/,
  ],
  [
    "NaN",
    { mag: NaN },
    /mag is NaN; only fields with meta\({ nan: "keep" }\) in the model hold it/,
  ],
  ["a value outside the enum", { kind: "X" }, /one of O, G, M/],
  ["null in a list", { mag: [1, null] }, /values of mag contain null/],
  ["gt null", { mag: { gt: null } }, /mag gt null matches no row/],
  [
    "like on numbers",
    { mag: { like: "1%" } },
    /like requires a text field, and mag is float64/,
  ],
  ["like with a lone backslash", { name: { like: "a\\" } }, /lone \\/],
  [
    "contains on text",
    { name: { contains: "a" } },
    /contains requires an array field, and name is string/,
  ],
  [
    "startsWith on numbers",
    { mag: { startsWith: "1" } },
    /startsWith requires a text field, and mag is float64/,
  ],
  ["ilike with a lone backslash", { name: { ilike: "a\\" } }, /lone \\/],
  ["a number for endsWith", { name: { endsWith: 1 } }, /endsWith text of name/],
  [
    "containsAny without a list",
    { labels: { containsAny: "a" } },
    /containsAny requires an array of values for labels/,
  ],
  [
    "null in containsAny",
    { labels: { containsAny: ["a", null] } },
    /a value of containsAny for labels cannot be null/,
  ],
  [
    "isEmpty on text",
    { name: { isEmpty: true } },
    /isEmpty requires an array field, and name is string/,
  ],
  ["isEmpty of a text", { labels: { isEmpty: "no" } }, /true or false/],
  [
    "a misspelled operator",
    { name: { startWith: "A" } },
    /no operator/,
    "startsWith",
  ],
  [
    "a path of a text field",
    { name: { path: ["a"], eq: 1 } },
    /path requires a JSON field, and name is string/,
  ],
  [
    "an empty path",
    { notes: { path: [], eq: 1 } },
    /at least one key or index/,
  ],
  [
    "a path that is a text",
    { notes: { path: "a", eq: 1 } },
    /must be an array/,
  ],
  [
    "a negative index",
    { notes: { path: [-1], eq: 1 } },
    /each part of the path/,
  ],
  [
    "an index that no array has",
    { notes: { path: [2 ** 31], eq: 1 } },
    /each part of the path/,
  ],
  [
    "a path of 65 keys",
    { notes: { path: Array(65).fill("a"), eq: 1 } },
    /the path of notes has more than 64 keys and indexes/,
  ],
  [
    "NUL in a key of a path",
    { notes: { path: ["a\0"], eq: 1 } },
    /a key in the path of notes .*NUL/,
  ],
  [
    "an undefined comparison of a path",
    { notes: { path: ["a"], gt: undefined } },
    /notes gt is undefined/,
  ],
  [
    "an order of integers beyond 64 bits in a path",
    { notes: { path: ["a"], gt: 2n ** 63n } },
    /must be a number or an integer of 64 bits/,
  ],
  [
    "isNull of a text in a path",
    { notes: { path: ["a"], isNull: "no" } },
    /isNull requires true or false for notes/,
  ],
  [
    "in without a list in a path",
    { notes: { path: ["a"], in: "x" } },
    /in requires an array for notes/,
  ],
  ["a path without a comparison", { notes: { path: ["a"] } }, /no comparison/],
  [
    "an unknown comparison of a path",
    { notes: { path: ["a"], gtt: 1 } },
    /a path of notes has no operator "gtt"/,
    "gt",
  ],
  [
    "an order of objects in a path",
    { notes: { path: ["a"], gt: { b: 1 } } },
    /must be a number or a text/,
  ],
  ["gt null in a path", { notes: { path: ["a"], gt: null } }, /gt null/],
  ["null in a list of a path", { notes: { path: ["a"], in: [null] } }, /null/],
  ["NaN in a path", { notes: { path: ["a"], lt: NaN } }, /NaN/],
  ["gt on an array", { labels: { gt: ["a"] } }, /has no order/],
  ["or without a list", { or: { mag: 1 } }, /or requires an array/],
  ["text with NUL", { name: "a\0b" }, /NUL/],
  ["half a surrogate pair", { name: "a\ud800" }, /surrogate/],
  ["a text instead of an object", "id = 1", /a filter must be an object/],
];

/** Filters that are refused. */
export const wrongFilters: readonly Behaviour[] = [
  ...INVALID.map(([name, filterBy, message, nearest]) =>
    behaviour(
      `a filter with ${name} throws a QueryError that names the problem`,
      async (db) => {
        await fillStars(db);
        const query = db.query(Star);
        const wrong = filterBy as Filter<StarRow>;
        for (
          const attempt of [
            () => query.findAll({ filterBy: wrong }),
            () => query.deleteAll({ filterBy: wrong }),
            () => query.updateAll({ filterBy: wrong, set: { visits: 9 } }),
          ]
        ) {
          await assert.rejects(attempt, (error) => {
            assert.ok(error instanceof QueryError, String(error));
            assert.match(error.message, message);
            assert.equal(error.model, "star");
            if (nearest !== undefined) assert.equal(error.nearest, nearest);
            return true;
          });
        }
        assert.equal(await query.count(), STARS.length);
      },
    )
  ),
];
