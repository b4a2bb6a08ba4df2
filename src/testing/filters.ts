import assert from "node:assert/strict";
import type { Filter } from "../query/filter/filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarRow } from "./models.ts";
import { BIG, fillStars, names } from "./stars.ts";

/** Filters, and the names of the {@link STARS} that match, in the order of the key. */
const MATCHING:
  readonly (readonly [string, Filter<StarRow>, readonly string[]])[] = [
    ["no condition", {}, ["Ω Cen", "Algol", "Mira", "algol", "Deneb_100%"]],
    ["a value", { visits: 3 }, ["Algol", "Mira"]],
    ["two fields", { visits: 3, mag: 6.5 }, ["Mira"]],
    ["a list", { name: ["Mira", "Nix", "Algol"] }, ["Algol", "Mira"]],
    ["an empty list", { name: [] }, []],
    ["null", { mag: null }, ["Deneb_100%"]],
    ["eq", { visits: { eq: 3 } }, ["Algol", "Mira"]],
    ["eq null", { kind: { eq: null } }, ["algol", "Deneb_100%"]],
    ["ne (matches null)", { visits: { ne: 3 } }, [
      "Ω Cen",
      "algol",
      "Deneb_100%",
    ]],
    ["ne null", { mag: { ne: null } }, ["Ω Cen", "Algol", "Mira", "algol"]],
    ["ne of a required field", { name: { ne: "Mira" } }, [
      "Ω Cen",
      "Algol",
      "algol",
      "Deneb_100%",
    ]],
    ["gt", { mag: { gt: 2.12 } }, ["Mira"]],
    ["gte", { mag: { gte: 2.12 } }, ["Algol", "Mira", "algol"]],
    ["lt", { mag: { lt: 2.12 } }, ["Ω Cen"]],
    ["lte", { mag: { lte: 2.12 } }, ["Ω Cen", "Algol", "algol"]],
    ["a range", { visits: { gte: 1, lt: 3 } }, ["algol"]],
    ["between", { mag: { between: [2.12, 6.5] } }, ["Algol", "Mira", "algol"]],
    ["in", { visits: { in: [0, 1] } }, ["Ω Cen", "algol"]],
    ["in of an empty list", { visits: { in: [] } }, []],
    ["notIn (matches null)", { visits: { notIn: [0, 1] } }, [
      "Algol",
      "Mira",
      "Deneb_100%",
    ]],
    ["notIn of a required field", { name: { notIn: ["Mira", "Algol"] } }, [
      "Ω Cen",
      "algol",
      "Deneb_100%",
    ]],
    ["notIn of an empty list", { visits: { notIn: [] } }, [
      "Ω Cen",
      "Algol",
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    ["isNull: true", { labels: { isNull: true } }, ["Ω Cen", "algol"]],
    ["isNull: false", { seen: { isNull: false } }, ["Algol", "Deneb_100%"]],
    ["like %", { name: { like: "%l_ol" } }, ["Algol", "algol"]],
    ["like (case-sensitive)", { name: { like: "A%" } }, ["Algol"]],
    ["an escaped like pattern", { name: { like: "%\\_100\\%" } }, [
      "Deneb_100%",
    ]],
    ["like without wildcards", { name: { like: "Mira" } }, ["Mira"]],
    ["like that ignores case", { name: { ilike: "AL%" } }, ["Algol", "algol"]],
    ["ilike with wildcards", { name: { ilike: "_IR\\A" } }, ["Mira"]],
    ["ilike, for which other letters have one case", {
      name: { ilike: "ω cen" },
    }, []],
    ["ilike of such letters", { name: { ilike: "Ω CEN" } }, ["Ω Cen"]],
    ["ilike of an enum", { kind: { ilike: "o" } }, ["Algol"]],
    ["startsWith", { name: { startsWith: "Al" } }, ["Algol"]],
    ["startsWith of pattern characters", { name: { startsWith: "%" } }, []],
    ["startsWith of a whole text", { name: { startsWith: "Deneb_100%" } }, [
      "Deneb_100%",
    ]],
    ["startsWith of an empty text (never matches null)", {
      kind: { startsWith: "" },
    }, ["Ω Cen", "Algol", "Mira"]],
    ["startsWith of a text with _", { name: { startsWith: "M_r" } }, []],
    ["endsWith of a text with _", { name: { endsWith: "l_ol" } }, []],
    ["endsWith", { name: { endsWith: "gol" } }, ["Algol", "algol"]],
    ["endsWith of pattern characters", { name: { endsWith: "_100%" } }, [
      "Deneb_100%",
    ]],
    ["startsWith under not", { not: { name: { startsWith: "A" } } }, [
      "Ω Cen",
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    ["containsAny", { labels: { containsAny: ["binary", "variable"] } }, [
      "Algol",
      "Mira",
    ]],
    ["containsAny of an empty list", { labels: { containsAny: [] } }, []],
    ["containsAny under not (matches null)", {
      not: { labels: { containsAny: ["binary"] } },
    }, ["Ω Cen", "Mira", "algol", "Deneb_100%"]],
    ["isEmpty: true", { labels: { isEmpty: true } }, ["Deneb_100%"]],
    ["isEmpty: false", { labels: { isEmpty: false } }, ["Algol", "Mira"]],
    ["isEmpty under not (matches null)", {
      not: { labels: { isEmpty: true } },
    }, ["Ω Cen", "Algol", "Mira", "algol"]],
    ["contains with one value", { labels: { contains: "binary" } }, ["Algol"]],
    ["contains with several values", {
      labels: { contains: ["binary", "eclipsing"] },
    }, [
      "Algol",
    ]],
    [
      "contains with a missing value",
      { labels: { contains: ["binary", "variable"] } },
      [],
    ],
    ["an equal array", { labels: ["eclipsing", "binary"] }, ["Algol"]],
    ["an array in a different order", { labels: ["binary", "eclipsing"] }, []],
    ["an empty array", { labels: { eq: [] } }, ["Deneb_100%"]],
    ["one of several arrays", { labels: { in: [["variable"], []] } }, [
      "Mira",
      "Deneb_100%",
    ]],
    ["a boolean", { variable: true }, ["Ω Cen", "Algol"]],
    ["ne of a boolean", { variable: { ne: true } }, [
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    ["an enum", { kind: ["O", "M"] }, ["Algol", "Mira"]],
    ["a date", { seen: new Date("2018-06-01T04:07:22.125Z") }, ["Algol"]],
    ["a range of dates", { seen: { gt: new Date("2019-01-01") } }, [
      "Deneb_100%",
    ]],
    ["a UUID in capitals", { uid: "0B0C0FFE-0000-4000-8000-000000000001" }, [
      "Algol",
    ]],
    ["JSON", { notes: { eq: { year: 1783, by: "Goodricke" } } }, ["Algol"]],
    ["a 64-bit integer", { id: BIG }, ["Deneb_100%"]],
    ["a 64-bit integer that is one less", { id: BIG - 1n }, []],
    ["infinity", { mag: { lt: Infinity } }, [
      "Ω Cen",
      "Algol",
      "Mira",
      "algol",
    ]],
    ...([
      ["above a number too small for a float32", { gt: 1e-46 }, true],
      ["below a number too small for a float32", { lt: 1e-46 }, false],
      ["above a negative one", { gt: -1e-46 }, true],
      ["below a number beyond a float32", { lte: 1e39 }, true],
      ["above a number beyond a float32", { gte: 1e39 }, false],
      ["above a negative one beyond a float32", { gte: -1e39 }, true],
      ["between them", { between: [1e-46, 1e39] }, true],
      ["that equals a number too small for a float32", { eq: 1e-46 }, false],
      ["in numbers that no float32 is near to", { in: [1e-46, 1e39] }, false],
    ] as const).map(([name, flux, matches]) =>
      [
        `a float32 ${name}`,
        { flux },
        matches ? ["Algol", "algol"] : [],
      ] as const
    ),
    ["a list with a number that no float32 is near to", {
      flux: [0.5, 1e39],
    }, ["Algol"]],
    ["ne of a number that no float32 is near to", { flux: { ne: 1e-46 } }, [
      "Ω Cen",
      "Algol",
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    ["and", { and: [{ visits: 3 }, { mag: { lt: 5 } }] }, ["Algol"]],
    ["an empty and", { and: [] }, [
      "Ω Cen",
      "Algol",
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    ["or", { or: [{ name: "Mira" }, { mag: null }] }, ["Mira", "Deneb_100%"]],
    ["an empty or", { or: [] }, []],
    ["or beside a field", { visits: 3, or: [{ mag: 2.12 }, { mag: 9 }] }, [
      "Algol",
    ]],
    ["not (matches null)", { not: { mag: { gt: 0 } } }, [
      "Ω Cen",
      "Deneb_100%",
    ]],
    ["not of a list", { not: { visits: [0, 1] } }, [
      "Algol",
      "Mira",
      "Deneb_100%",
    ]],
    ["not of two fields", { not: { visits: 3, mag: 6.5 } }, [
      "Ω Cen",
      "Algol",
      "algol",
      "Deneb_100%",
    ]],
    ["not of not", { not: { not: { mag: { gt: 0 } } } }, [
      "Algol",
      "Mira",
      "algol",
    ]],
    ["not of an empty filter", { not: {} }, []],
    ["not of an empty or", { not: { or: [] } }, [
      "Ω Cen",
      "Algol",
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    ["or inside not inside or", {
      or: [{ not: { or: [{ visits: 3 }, { mag: null }] } }, { id: BIG }],
    }, ["Ω Cen", "algol", "Deneb_100%"]],
    ["like under not (matches null)", { not: { kind: { like: "_" } } }, [
      "algol",
      "Deneb_100%",
    ]],
    ["contains under not (matches null)", {
      not: { labels: { contains: "binary" } },
    }, ["Ω Cen", "Mira", "algol", "Deneb_100%"]],
  ];

/** The rows that filters match. */
export const filters: readonly Behaviour[] = [
  ...MATCHING.map(([name, filterBy, matching]) =>
    behaviour(`a filter with ${name} returns the matching rows`, async (db) => {
      await fillStars(db);
      const rows = await db.query(Star).findAll({
        filterBy,
        orderBy: { id: "asc" },
      });
      assert.deepEqual(names(rows), matching);
      assert.equal(await db.query(Star).count({ filterBy }), matching.length);
      assert.equal(
        await db.query(Star).checkExists({ filterBy }),
        matching.length > 0,
      );
    })
  ),
  behaviour("patterns match texts with line breaks as a whole", async (db) => {
    await db.query(Star).bulkInsert(
      ["a", "a\n", "a\nb", "\na", "b\r\n"].map((name, id) => ({
        id: BigInt(id),
        name,
      })),
    );
    const matching: readonly (readonly [
      NonNullable<Filter<StarRow>["name"]>,
      readonly number[],
    ])[] = [
      [{ like: "a" }, [0]],
      [{ like: "a_" }, [1]],
      [{ like: "a%b" }, [2]],
      [{ like: "a_b" }, [2]],
      [{ ilike: "A%" }, [0, 1, 2]],
      [{ endsWith: "a" }, [0, 3]],
      [{ startsWith: "a" }, [0, 1, 2]],
      [{ endsWith: "\n" }, [1, 4]],
      [{ like: "%\r_" }, [4]],
    ];
    for (const [name, ids] of matching) {
      const rows = await db.query(Star).findAll({
        filterBy: { name },
        orderBy: { id: "asc" },
      });
      assert.deepEqual(
        rows.map(({ id }) => Number(id)),
        ids,
        JSON.stringify(name),
      );
    }
  }),
  behaviour("a filter accepts a decimal string for an int64", async (db) => {
    await fillStars(db);
    const filterBy: object = { id: String(BIG) };
    assert.equal(await db.query(Star).count({ filterBy }), 1);
  }),
  behaviour("a filter accepts lists of 100,000 values", async (db) => {
    await fillStars(db);
    const id = Array.from({ length: 100_000 }, (_, index) => BigInt(index));
    assert.equal(await db.query(Star).count({ filterBy: { id } }), 3);
    const name = id.map((value) => `star ${value}`);
    assert.equal(
      await db.query(Star).count({ filterBy: { name: { notIn: name } } }),
      5,
    );
  }),
];
