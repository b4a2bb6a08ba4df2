import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { dataOf, fillNights } from "./sighting_nights.ts";

/** Wrong values of `include`, with the wrong name and the nearest right one. */
const WRONG: readonly (readonly [
  include: unknown,
  field: string,
  nearest?: string,
])[] = [
  [{ sightngs: { limit: 1 } }, "sightngs", "sightings"],
  [{ sightings: false }, "sightings"],
  [{ sightings: null }, "sightings"],
  [{ sightings: ["night"] }, "sightings"],
  [{ sightings: { limt: 1 } }, "limt", "limit"],
  [{ sightings: { offset: 1 } }, "offset"],
  [{ sightings: { limit: -1 } }, "limit"],
  [{ sightings: { limit: 1.5 } }, "limit"],
  [{ sightings: { limit: "1" } }, "limit"],
  [{ sightings: { limit: NaN } }, "limit"],
  [{ sightings: { limit: null } }, "limit"],
  [{ sightings: { select: ["nigt"] } }, "nigt", "night"],
  [{ sightings: { select: [] } }, "select"],
  [{ sightings: { orderBy: { nigt: "asc" } } }, "nigt", "night"],
  [{ sightings: { orderBy: { night: "up" } } }, "night"],
  [{ sightings: { filterBy: { nigt: 1 } } }, "nigt", "night"],
  [{ sightings: { filterBy: { night: { gtt: 1 } } } }, "gtt", "gt"],
  [{ sightings: { filterBy: { night: "1" } } }, "night"],
  [{ sightings: { include: ["star_rwo"] } }, "star_rwo", "star_row"],
  [{ sightings: { include: { star_row: { limit: 1 } } } }, "limit"],
  [{ sightings: { include: { star_row: { filterBy: {} } } } }, "filterBy"],
  [
    { sightings: { include: { star_row: { selct: ["id"] } } } },
    "selct",
    "select",
  ],
  [
    { sightings: { include: { star_row: { select: ["nmae"] } } } },
    "nmae",
    "name",
  ],
];

/** The options of a relation in `include`. */
export const includeOptions: readonly Behaviour[] = [
  behaviour("limit of a relation counts per row", async (db) => {
    await fillNights(db);
    const rows = await db.query(Star).findAll({
      filterBy: { id: [1n, 2n, 3n] },
      orderBy: { id: "asc" },
      include: { sightings: { orderBy: { night: "desc" }, limit: 2 } },
    });
    assert.deepEqual(
      rows.map(({ sightings }) => sightings.map(({ night }) => night)),
      [[6, 5], [3, 2], []],
    );
    assert.equal(
      String(rows[0]?.sightings[0]),
      "<Sighting(star=1, night=6)>",
    );
    const none = await db.query(Star).findAll({
      include: { sightings: { limit: 0 } },
    });
    assert.deepEqual(none.map(({ sightings }) => sightings.length), [
      ...[0, 0, 0, 0, 0],
    ]);
  }),
  behaviour(
    "limit of a relation without an index on its key counts per row",
    async (db) => {
      await fillNights(db);
      const rows = await db.query(Sighting).findAll({
        filterBy: { star: [2n, 404n] },
        orderBy: { star: "asc", night: "desc" },
        include: {
          same_night: {
            filterBy: { star: { lt: 2n } },
            orderBy: { star: "desc" },
            select: ["quality"],
            limit: 1,
          },
        },
      });
      assert.deepEqual(
        rows.map(({ same_night }) => same_night.map((row) => ({ ...row }))),
        [
          [{ quality: 0.25 }],
          [{ quality: 0.25 }],
          [{ quality: 0.25 }],
          [{ quality: 0.25 }],
        ],
      );
    },
  ),
  behaviour(
    "limit of a relation by two fields counts per row",
    async (db) => {
      await fillNights(db);
      const rows = await db.query(Sighting).findAll({
        filterBy: { star: [1n, 2n], night: { lte: 2 } },
        orderBy: { star: "asc", night: "desc" },
        include: { same_key: { limit: 3, select: ["mag"] } },
      });
      assert.deepEqual(
        rows.map(({ same_key }) => same_key.map(({ mag }) => mag)),
        [[10], [null], [null], [null]],
      );
    },
  ),
  behaviour(
    "equal rows of a relation are in the order of the relation, then of the primary key",
    async (db) => {
      await fillNights(db);
      const [byQuality] = await db.query(Star).findAll({
        filterBy: { id: 1n },
        include: {
          sightings: { orderBy: { quality: "desc" }, limit: 4 },
        },
      });
      assert.deepEqual(
        byQuality?.sightings.map(({ night }) => night),
        [5, 6, 1, 2],
      );
      const [ofStar] = await db.query(Sighting).findAll({
        filterBy: { star: 1n, night: 1 },
        include: { of_star: { orderBy: { quality: "asc" }, limit: 3 } },
      });
      assert.deepEqual(
        ofStar?.of_star.map(({ night }) => night),
        [4, 3, 2],
      );
    },
  ),
  behaviour(
    "a relation loads the rows that match its filter, and the nulls of its order last",
    async (db) => {
      await fillNights(db);
      const stars = db.query(Star);
      const filterBy = { id: [1n, 2n] };
      const rows = await stars.findAll({
        filterBy,
        orderBy: { id: "asc" },
        include: { sightings: { filterBy: { mag: null } } },
      });
      assert.deepEqual(
        rows.map(({ sightings }) => sightings.map(({ night }) => night)),
        [[1, 3, 5], [1, 2, 3]],
      );
      const limited = await stars.findAll({
        filterBy,
        orderBy: { id: "asc" },
        include: {
          sightings: {
            filterBy: { or: [{ night: { gte: 4 } }, { quality: 1 }] },
            orderBy: { mag: "desc" },
            limit: 3,
          },
        },
      });
      assert.deepEqual(
        limited.map(({ sightings }) => sightings.map(({ night }) => night)),
        [[4, 6, 5], [1, 2, 3]],
      );
    },
  ),
  behaviour(
    "select leaves out the fields that only relations need",
    async (db) => {
      await fillNights(db);
      for (const limit of [2, undefined]) {
        const [row] = await db.query(Star).findAll({
          filterBy: { id: 1n },
          select: ["name"],
          include: {
            sightings: {
              select: ["night"],
              ...(limit === undefined ? {} : { limit }),
              include: { star_row: { select: ["status"] } },
            },
          },
        });
        assert.deepEqual(Object.keys(row ?? {}), ["name", "sightings"]);
        assert.equal(row?.sightings.length, limit ?? 6);
        const [first] = row?.sightings ?? [];
        assert.deepEqual(Object.keys(first ?? {}), ["night", "star_row"]);
        assert.deepEqual(dataOf(first), {
          night: 1,
          star_row: { status: "old" },
        });
      }
    },
  ),
  behaviour(
    "relations with options work in pages, first, findOne, streams, and transactions",
    async (db) => {
      await fillNights(db);
      const include = {
        sightings: { orderBy: { night: "desc" }, limit: 1 },
      } as const;
      const nights = (
        rows: readonly { readonly sightings: readonly { night: number }[] }[],
      ): number[][] =>
        rows.map(({ sightings }) => sightings.map(({ night }) => night));
      const expected = [[], [6], [3], [], []];
      const orderBy = { id: "asc" } as const;
      await db.transaction(async (tx) => {
        const stars = tx.query(Star);
        assert.deepEqual(
          nights(await stars.findAll({ orderBy, include })),
          expected,
        );
      });
      const stars = db.query(Star);
      const page = await stars.find({ include, perPage: 2 });
      assert.deepEqual(nights(page.items), [[], [6]]);
      assert.deepEqual(nights((await page.next()).items), [[3], []]);
      const filterBy = { id: 2n };
      const first = await stars.first({ filterBy, include });
      const one = await stars.findOne({ filterBy, include });
      assert.deepEqual(first, one);
      assert.deepEqual(nights(one === null ? [] : [one]), [[3]]);
      const streamed = await Array.fromAsync(
        stars.stream({ orderBy, include, batchSize: 2 }),
      );
      assert.deepEqual(nights(streamed), expected);
      const unbound = await db.query().findAll({
        model: Star,
        orderBy,
        include,
      });
      assert.deepEqual(nights(unbound), expected);
    },
  ),
  behaviour(
    "the error for a wrong value in include has the wrong name and the nearest one",
    async (db) => {
      await fillNights(db);
      for (const [include, field, nearest] of WRONG) {
        const options: Record<string, unknown> = { include };
        for (const method of ["findAll", "find", "first"] as const) {
          await assert.rejects(
            async () => await db.query(Star)[method](options),
            (error) =>
              error instanceof QueryError && error.field === field &&
              (nearest === undefined || error.nearest === nearest),
            JSON.stringify(include),
          );
        }
      }
    },
  ),
];
