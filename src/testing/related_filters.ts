import assert from "node:assert/strict";
import { LimitError, QueryError } from "../base/errors/mod.ts";
import type { FullFilter } from "../query/filter/filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { fillStars, names, STARS } from "./stars.ts";
import { fillSightings } from "./sightings.ts";

type StarFilter = FullFilter<typeof Star, typeof Star | typeof Sighting>;
type SightingFilter = FullFilter<
  typeof Sighting,
  typeof Star | typeof Sighting
>;

const UNSEEN = ["Ω Cen", "algol", "Deneb_100%"];

/** Filters of stars, and the names of the stars that match, in the order of the key. */
const STARS_OF: readonly (readonly [string, StarFilter, readonly string[]])[] =
  [
    ["some", { sightings: { some: { quality: { gt: 0.3 } } } }, [
      "Algol",
      "Mira",
    ]],
    ["some of an empty filter", { sightings: { some: {} } }, [
      "Algol",
      "Mira",
    ]],
    ["some that no row matches", { sightings: { some: { night: 9 } } }, []],
    [
      "some of two conditions, which one row must satisfy",
      { sightings: { some: { night: 1, quality: { gt: 0.3 } } } },
      ["Mira"],
    ],
    ["none", { sightings: { none: { quality: { gt: 0.3 } } } }, UNSEEN],
    ["none of an empty filter", { sightings: { none: {} } }, UNSEEN],
    ["every", { sightings: { every: { quality: { lt: 1 } } } }, [
      "Ω Cen",
      "Algol",
      "algol",
      "Deneb_100%",
    ]],
    [
      "every, for which null matches nothing",
      { sightings: { every: { mag: { gt: 0 } } } },
      ["Ω Cen", "Mira", "algol", "Deneb_100%"],
    ],
    ["every that matches all rows", { sightings: { every: {} } }, [
      "Ω Cen",
      "Algol",
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    [
      "two quantifiers",
      { sightings: { some: { night: 1 }, none: { night: 2 } } },
      ["Mira"],
    ],
    ["a relation beside a field", {
      visits: 3,
      sightings: { some: { night: 2 } },
    }, ["Algol"]],
    ["a relation inside or", {
      or: [{ name: "algol" }, { sightings: { some: { night: 2 } } }],
    }, ["Algol", "algol"]],
    ["a relation inside not", { not: { sightings: { some: { night: 2 } } } }, [
      "Ω Cen",
      "Mira",
      "algol",
      "Deneb_100%",
    ]],
    ["relations inside and", {
      and: [
        { sightings: { some: { night: 1 } } },
        { not: { sightings: { some: { night: 2 } } } },
      ],
    }, ["Mira"]],
    ["or inside a relation", {
      sightings: { some: { or: [{ night: 2 }, { quality: 1 }] } },
    }, ["Algol", "Mira"]],
    ["a relation inside a relation", {
      sightings: { some: { star_row: { is: { name: { like: "M%" } } } } },
    }, ["Mira"]],
    ["relations of three levels", {
      sightings: { some: { star_row: { is: { sightings: { none: {} } } } } },
    }, []],
    ["every inside some", {
      sightings: {
        some: { night: 1, of_star: { every: { quality: { lt: 1 } } } },
      },
    }, ["Algol"]],
  ];

/** Filters of sightings, and the stars and nights that match, in the order of the key. */
const SIGHTINGS_OF:
  readonly (readonly [string, SightingFilter, readonly string[]])[] = [
    ["is", { star_row: { is: { name: "Algol" } } }, ["1/1", "1/2"]],
    ["is of an empty filter", { star_row: { is: {} } }, ["1/1", "1/2", "2/1"]],
    ["is null", { star_row: { is: null } }, ["404/1"]],
    ["isNot", { star_row: { isNot: { name: "Algol" } } }, ["2/1", "404/1"]],
    ["isNot null", { star_row: { isNot: null } }, ["1/1", "1/2", "2/1"]],
    ["is and isNot", {
      star_row: { is: { visits: 3 }, isNot: { name: "Mira" } },
    }, ["1/1", "1/2"]],
    ["a relation of the same model", {
      night: 1,
      of_star: { some: { night: 2 } },
    }, ["1/1"]],
  ];

/** Filters by related rows. */
export const relatedFilters: readonly Behaviour[] = [
  ...STARS_OF.map(([name, filterBy, matching]) =>
    behaviour(
      `a filter by related rows with ${name} returns the matching rows`,
      async (db) => {
        await fillSightings(db);
        const query = db.query(Star);
        const given: object = filterBy;
        const rows = await query.findAll({
          filterBy: given,
          orderBy: { id: "asc" },
        });
        assert.deepEqual(names(rows), matching);
        assert.equal(await query.count({ filterBy: given }), matching.length);
      },
    )
  ),
  ...SIGHTINGS_OF.map(([name, filterBy, matching]) =>
    behaviour(
      `a filter by a related row with ${name} returns the matching rows`,
      async (db) => {
        await fillSightings(db);
        const given: object = filterBy;
        const rows = await db.query(Sighting).findAll({
          filterBy: given,
          orderBy: { star: "asc", night: "asc" },
        });
        assert.deepEqual(
          rows.map(({ star, night }) => `${star}/${night}`),
          matching,
        );
      },
    )
  ),
  behaviour(
    "every method that takes a filter takes one by related rows",
    async (db) => {
      await fillSightings(db);
      const stars = db.query(Star);
      const filterBy: FullFilter<typeof Star> = {
        sightings: { some: { night: 1 } },
      };
      const orderBy = { id: "asc" } as const;
      const page = await stars.find({ filterBy, orderBy, perPage: 1 });
      assert.deepEqual(names(page.items), ["Algol"]);
      assert.equal(page.total, 2);
      assert.deepEqual(names((await page.next()).items), ["Mira"]);
      const after = await stars.find({
        filterBy,
        orderBy,
        after: page.items[0] ?? {},
      });
      assert.deepEqual(names(after.items), ["Mira"]);
      const first = await stars.first({ filterBy, orderBy });
      assert.equal(first?.name, "Algol");
      const one = await stars.findOne({
        filterBy: { sightings: { some: { night: 2 } } },
      });
      assert.equal(one?.name, "Algol");
      assert.equal(await stars.checkExists({ filterBy }), true);
      assert.equal(await stars.count({ filterBy, max: 1 }), 1);
      const streamed = await Array.fromAsync(stars.stream({ filterBy }));
      assert.deepEqual(names(streamed).sort(), ["Algol", "Mira"]);
      assert.deepEqual(
        await stars.aggregate({ filterBy, count: true, max: ["name"] }),
        [{ count: 2, max: { name: "Mira" } }],
      );
      assert.deepEqual(
        await stars.countBy("visits", { filterBy }),
        new Map([[3, 2]]),
      );
      assert.deepEqual(await stars.distinct("name", { filterBy }), [
        "Algol",
        "Mira",
      ]);
      const set = { visits: 9 };
      assert.equal(await stars.updateAll({ filterBy, set }), 2);
      assert.equal(await stars.count({ filterBy: { visits: 9 } }), 2);
      assert.deepEqual(
        await stars.bulkUpdate([[
          { sightings: { some: { night: 2 } } },
          { visits: 10 },
        ]]),
        { updated: 1, missing: 0 },
      );
      assert.equal(await stars.deleteAll({ filterBy }), 2);
      assert.deepEqual(names(await stars.findAll({ orderBy })), UNSEEN);
    },
  ),
  behaviour(
    "a filter by related rows works in transactions and sees their writes",
    async (db) => {
      await fillSightings(db);
      await db.transaction(async (tx) => {
        await tx.query(Sighting).deleteAll({ filterBy: { star: 1n } });
        const filterBy = { sightings: { some: {} } };
        const rows = await tx.query(Star).findAll({ filterBy });
        assert.deepEqual(names(rows), ["Mira"]);
        assert.equal(await tx.query(Star).deleteAll({ filterBy }), 1);
      });
      assert.equal(await db.query(Star).count(), STARS.length - 1);
    },
  ),
  behaviour(
    "a filter by related rows beside a condition that thousands of rows match checks them all",
    async (db) => {
      await fillStars(db);
      await db.query(Sighting).bulkInsert(
        Array.from({ length: 2_400 }, (_, at) => ({
          star: at < 1_200 ? 404n + BigInt(at) : BigInt(1 + at % 2),
          night: at,
          quality: 0.5,
        })),
      );
      const count = (filterBy: SightingFilter) =>
        db.query(Sighting).count({ filterBy });
      const star_row = { is: { name: "Algol" } };
      assert.equal(await count({ quality: { gt: 0 }, star_row }), 600);
      assert.equal(
        await count({ quality: { gt: 0 }, star_row: { is: null } }),
        1_200,
      );
      assert.equal(await count({ night: { gte: 2_000 }, star_row }), 200);
    },
  ),
  behaviour(
    "a filter by related rows of two fields takes a list of values of one of them",
    async (db) => {
      await fillSightings(db);
      const query = db.query(Sighting);
      const same_key = { some: { quality: { gt: 0.3 } } };
      for (
        const [filterBy, count] of [
          [{ star: [1n, 2n], same_key }, 2],
          [{ star: 1n, same_key }, 1],
          [{ night: 1, same_key }, 2],
          [{ star: [1n, 2n], night: [1], same_key }, 1],
          [{ star: 1n, same_night: { some: { star: 2n } }, same_key }, 0],
          [{ night: 1, same_night: { some: { star: 1n } }, same_key }, 2],
        ] as const
      ) assert.equal(await query.count({ filterBy }), count);
    },
  ),
  behaviour("getOrCreate refuses a filter by related rows", async (db) => {
    await fillSightings(db);
    const filterBy: object = { id: 7n, sightings: { none: {} } };
    await assert.rejects(
      db.query(Star).getOrCreate({ filterBy, name: "Sun" }),
      (error) =>
        error instanceof QueryError &&
        error.message.includes("cannot filter by relations"),
    );
    assert.equal(await db.query(Star).count(), STARS.length);
  }),
  behaviour(
    "deleteAll requires all: true for a filter by related rows that matches every row",
    async (db) => {
      await fillSightings(db);
      const filterBy = { sightings: { none: { night: { in: [] } } } };
      await assert.rejects(db.query(Star).deleteAll({ filterBy }), QueryError);
      assert.equal(await db.query(Star).count(), STARS.length);
    },
  ),
  behaviour(
    "a filter by related rows can have 20 levels, and not 65",
    async (db) => {
      await fillSightings(db);
      let filterBy: object = { night: 2 };
      for (let level = 0; level < 20; level++) {
        filterBy = { of_star: { some: filterBy } };
      }
      assert.equal(await db.query(Sighting).count({ filterBy }), 2);
      const cyclic: Record<string, unknown> = {};
      cyclic["of_star"] = { some: cyclic };
      for (let level = 20; level < 64; level++) {
        filterBy = { of_star: { some: filterBy } };
      }
      for (const wrong of [filterBy, cyclic]) {
        await assert.rejects(
          async () => await db.query(Sighting).count({ filterBy: wrong }),
          (error) => error instanceof LimitError && error.limit === "levels",
        );
      }
    },
  ),
];
