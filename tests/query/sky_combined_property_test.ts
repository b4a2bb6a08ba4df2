// Random conditions on positions, combined with each other and with every method, have the same results on every engine.
import {
  angularDistance,
  defineModel,
  type FullFilter,
  point,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { property } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const fields = z.object({
  id: z.int32(),
  ra: z.float64().nullable().meta({ nan: "keep" }),
  dec: z.float64().nullable().meta({ nan: "keep" }),
  part: z.int32(),
});
/** On MongoDB, its documents have points with an index. */
const Spot = defineModel("spot", {
  fields,
  primaryKey: ["id"],
  spatial: { ra: "ra", dec: "dec" },
  mongo: { derived: { loc: point("ra", "dec") } },
  relations: {
    others: { kind: "many", model: "spot", on: { part: "part" } },
  },
});
/** Its rows may be out of range, which a point may not. */
const Mark = defineModel("spot", {
  fields,
  primaryKey: ["id"],
  spatial: { ra: "ra", dec: "dec", index: false },
  relations: {
    others: { kind: "many", model: "spot", on: { part: "part" } },
  },
});
/** Its rows may be out of range, too, and PostgreSQL finds them in zones. */
const Zoned = defineModel("spot", {
  fields,
  primaryKey: ["id"],
  spatial: { ra: "ra", dec: "dec" },
  relations: {
    others: { kind: "many", model: "spot", on: { part: "part" } },
  },
});
/** PostgreSQL finds its rows by their unit vectors. */
const Cubed = defineModel("spot", {
  fields,
  primaryKey: ["id"],
  spatial: { ra: "ra", dec: "dec", using: "cube" },
  relations: {
    others: { kind: "many", model: "spot", on: { part: "part" } },
  },
});
type SpotFilter = FullFilter<typeof Spot>;
type Position = readonly [ra: number, dec: number];

/** The centers of groups of rows: at and near the poles, on both sides of right ascension 0, and at coordinates near 0. */
const CENTERS: readonly Position[] = [
  [0, 0],
  [359.9999, 0.0001],
  [10, 20],
  [1e-6, -30],
  [45, 89.9999],
  [200, -90],
  [300, 1e-70],
];
/** Offsets of the rows of a group in degrees, and of searches; those of searches are no sums of those of rows. */
const OFFSETS = [0, 1e-5, 0.0003, 0.02, 1.5];
const SEARCH_OFFSETS = [0, 0.70710678e-5, 0.0017320508, 0.86602540];
/** Rows that have no position. */
const INCOMPLETE: readonly (readonly [number | null, number | null])[] = [
  [null, 10],
  [10, null],
  [null, null],
];
const OUTSIDE: readonly (readonly [number, number])[] = [
  [NaN, 20],
  [10, NaN],
  [361, 20],
  [-1e-9, 0],
  [10, 90.0001],
  [10, -1e300],
  [Infinity, 20],
  [10, -Infinity],
];

const offset = (offsets: readonly number[]) =>
  fc.tuple(
    fc.constantFrom(...CENTERS),
    fc.constantFrom(...offsets),
    fc.constantFrom(...offsets),
    fc.boolean(),
  ).map(([[ra, dec], east, north, isWest]): Position => [
    (ra + (isWest ? 360 - east : east)) % 360,
    Math.max(-90, Math.min(90, dec + north)),
  ]);
const rowPosition = offset(OFFSETS);
/** Numbers from 0 to 1, evenly spread. */
const fraction = fc.integer({ min: 0, max: 1e9 }).map((part) => part / 1e9);
const searched = fc.oneof(rowPosition, offset(SEARCH_OFFSETS));
const radius = fc.oneof(
  fc.constantFrom(0, 0.05, 1.5, 80, 5_000, 108_000, 108_001, 400_000, 648_000),
  fraction.map((part) => part * 100),
  fraction.map((part) => part * 648_000),
  // Exactly the distance of two positions.
  fc.tuple(rowPosition, rowPosition).map(([[ra, dec], [otherRa, otherDec]]) =>
    angularDistance(ra, dec, otherRa, otherDec)
  ),
);
const near = fc.tuple(searched, radius).map(([[ra, dec], radius]) => ({
  near: { ra, dec, radius },
}));
const box = fc.tuple(searched, searched).map(([[west, a], [east, b]]) => ({
  box: { ra: [west, east], dec: [Math.min(a, b), Math.max(a, b)] } as const,
}));
const polygon = fc.tuple(searched, fraction)
  .map(([[ra, dec], part]) => {
    const size = 0.1 + part * 40;
    const south = Math.max(-89, Math.min(dec, 40)) + 1e-4;
    return {
      polygon: [
        [ra, south],
        [(ra + size) % 360, south],
        [ra, south + size],
      ] as const,
    };
  });
const filter: fc.Arbitrary<SpotFilter> = fc.letrec<{ filter: SpotFilter }>(
  (tie) => ({
    filter: fc.oneof(
      { depthSize: "small", maxDepth: 3, withCrossShrink: true },
      { arbitrary: near, weight: 4 },
      { arbitrary: box, weight: 1 },
      { arbitrary: polygon, weight: 1 },
      fc.integer({ min: 0, max: 2 }).map((part) => ({ part })),
      fc.array(tie("filter"), { maxLength: 3 }).map((or) => ({ or })),
      fc.array(tie("filter"), { maxLength: 3 }).map((and) => ({ and })),
      tie("filter").map((not) => ({ not })),
      tie("filter").map((some) => ({ others: { some } })),
      tie("filter").map((none) => ({ others: { none } })),
      fc.tuple(near, tie("filter")).map(([near, rest]) => ({
        ...near,
        and: [rest],
      })),
    ),
  }),
).filter;

const questions = fc.array(
  fc.record({
    filterBy: filter,
    nearest: near,
    rest: filter,
    limit: fc.integer({ min: 0, max: 6 }),
    offset: fc.integer({ min: 0, max: 3 }),
    perPage: fc.integer({ min: 1, max: 5 }),
    included: filter,
    targets: fc.array(searched, { maxLength: 4 }),
    radius,
  }),
  { minLength: 1, maxLength: 3, size: "max" },
);
/** A position, or what is none. */
type Coordinates = readonly [ra: number | null, dec: number | null];

const rowsWith = (missing: readonly Coordinates[]) =>
  fc.array(
    fc.tuple(
      fc.oneof(
        { arbitrary: rowPosition, weight: 6 },
        { arbitrary: fc.constantFrom(...missing), weight: 1 },
      ),
      fc.integer({ min: 0, max: 2 }),
    ),
    { maxLength: 40, size: "max" },
  ).map((given) =>
    given.map(([[ra, dec], part], id) => ({ id, ra, dec, part }))
  );

/** A row with its distance. */
interface Placed {
  readonly id: number;
  readonly distance: number;
}

/** Arcseconds by which the distances of two rows may differ that every engine may order by either. */
const TIE = 1e-6;

/** Returns the rows in their order, and rows at almost equal distances in the order of their keys. */
function ordered(found: readonly Placed[]): readonly Placed[] {
  let [place, last] = [0, 0];
  return found.map(({ id, distance }, index) => {
    assert.ok(distance > last - TIE, `${distance} follows ${last}`);
    if (distance > last + TIE) place = index;
    last = distance;
    return { id, distance, place };
  }).toSorted((a, b) => a.place - b.place || a.id - b.id)
    .map(({ id, distance }) => ({ id, distance }));
}

/** Returns distances that are equal if two engines may order their rows differently. */
function distances(found: readonly Placed[]): readonly number[] {
  return found.map(({ distance }) => Math.round(distance / TIE / 10));
}

/** Ends a transaction without its writes. */
class RolledBack extends Error {
  constructor(readonly result: unknown) {
    super("rolled back");
  }
}

for (
  const { name, model, missing } of [
    { name: "with points", model: Spot, missing: INCOMPLETE },
    {
      name: "without an index",
      model: Mark,
      missing: [...INCOMPLETE, ...OUTSIDE],
    },
    {
      name: "in zones",
      model: Zoned,
      missing: [...INCOMPLETE, ...OUTSIDE],
    },
    {
      name: "in cubes",
      model: Cubed,
      missing: [...INCOMPLETE, ...OUTSIDE],
    },
  ]
) {
  onEveryEngine(
    `conditions on positions ${name} combine with each other and with every method`,
    async (databases) => {
      await property(
        ROUNDS,
        fc.tuple(rowsWith(missing), questions),
        async ([given, asked]) => {
          await Promise.all(databases.map(async (db) => {
            await db.query(model).deleteAll({ filterBy: {}, all: true });
            await db.query(model).bulkInsert(given);
          }));
          for (const question of asked) {
            await oneAnswer(databases, async (db) => {
              const spots = db.query(model);
              const { filterBy, limit, offset, perPage } = question;
              const found = await spots.findAll({
                filterBy,
                select: ["id"],
                orderBy: { id: "asc" },
              });
              const ids = found.map(({ id }) => id);
              assert.equal(await spots.count({ filterBy }), ids.length);
              assert.equal(
                await spots.checkExists({ filterBy }),
                ids.length > 0,
              );
              assert.equal(
                await spots.count({ filterBy: { not: filterBy } }),
                given.length - ids.length,
              );
              const groups = await spots.aggregate({
                filterBy,
                groupBy: ["part"],
                count: true,
                min: ["dec"],
                orderBy: { part: "asc" },
              });

              const ofNearest = {
                filterBy: { ...question.nearest, and: [question.rest] },
                orderBy: "distance",
                select: ["id"],
              } as const;
              const byDistance = await spots.findAll(ofNearest);
              const part = await spots.findAll({ ...ofNearest, limit, offset });
              assert.deepEqual(
                distances(part),
                distances(byDistance.slice(offset, offset + limit)),
              );
              const pages: Placed[] = [];
              for (
                let page = await spots.find({ ...ofNearest, perPage });
                page.items.length > 0;
                page = await page.next()
              ) {
                assert.equal(page.total, byDistance.length);
                pages.push(...page.items);
              }
              assert.deepEqual(ordered(pages), ordered(byDistance));
              const streamed: Placed[] = [];
              for await (
                const row of spots.stream({ ...ofNearest, batchSize: 3 })
              ) streamed.push(row);
              assert.deepEqual(ordered(streamed), ordered(byDistance));

              const included = await spots.findAll({
                ...ofNearest,
                include: {
                  others: {
                    filterBy: question.included,
                    select: ["id"],
                    orderBy: { id: "asc" },
                    limit: 3,
                  },
                },
                counts: { others: { filterBy: question.included } },
              });
              const matched = question.targets.map((): Placed[] => []);
              for await (
                const { target, row, distance } of spots.crossmatch(
                  question.targets.map(([ra, dec], at) => ({ at, ra, dec })),
                  {
                    radius: question.radius,
                    filterBy: question.rest,
                    select: ["id"],
                    nearest: 40,
                  },
                )
              ) matched[target.at]?.push({ id: row.id, distance });

              const written = await db.transaction(async (tx) => {
                const own = tx.query(model);
                const updated = await own.updateAll({
                  filterBy,
                  set: { part: 5 },
                  returning: ["id"],
                });
                const deleted = await own.deleteAll({
                  filterBy: { not: ofNearest.filterBy },
                  all: true,
                });
                throw new RolledBack([
                  updated.rows.map(({ id }) => id),
                  deleted,
                ]);
              }).catch((error: unknown) => {
                if (error instanceof RolledBack) return error.result;
                throw error;
              });
              return {
                ids,
                groups: groups.map((group) => ({ ...group })),
                byDistance: ordered(byDistance),
                included: included.map(({ id, distance, others, counts }) => ({
                  id,
                  distance,
                  others: others.map(({ id }) => id),
                  counts,
                })).toSorted((a, b) => a.id - b.id),
                matched: matched.map(ordered),
                written,
              };
            });
          }
        },
      );
    },
    [model],
  );
}

for (const [name, model] of [["zones", Zoned], ["cubes", Cubed]] as const) {
  onEveryEngine(
    `rows at equal distances are matched by key, and up to maxPerTarget of them, in ${name}`,
    async (databases) => {
      const [ra, dec] = [359.99999, 89.9];
      const rows = Array.from(
        { length: 40 },
        (_, at) => ({ id: 39 - at, ra, dec, part: at % 2 }),
      );
      await oneAnswer(databases, async (db) => {
        const spots = db.query(model);
        await spots.bulkInsert([
          ...rows,
          { id: 40, ra: 0, dec: 90, part: 0 },
          { id: 41, ra: 360, dec: 90, part: 0 },
        ]);
        const idsOf = async (
          target: { ra: number; dec: number },
          options: object,
        ): Promise<number[]> => {
          const found = await Array.fromAsync(
            spots.crossmatch([target], { radius: 0, ...options }),
          );
          return found.map(({ row }) => row.id);
        };
        assert.deepEqual(await idsOf({ ra, dec }, { nearest: 3 }), [0, 1, 2]);
        const odd = { filterBy: { part: 1 } };
        assert.deepEqual(
          await idsOf({ ra, dec }, { nearest: 3, ...odd }),
          [0, 2, 4],
        );
        assert.equal(
          (await idsOf({ ra, dec }, { maxPerTarget: 40 })).length,
          40,
        );
        await assert.rejects(
          idsOf({ ra, dec }, { maxPerTarget: 39 }),
          /target 0 has more than 39 rows within 0 arcseconds/,
        );
        assert.deepEqual(await idsOf({ ra: 123, dec: 90 }, {}), [40, 41]);
        // The chord between these two is parallel to an axis.
        await spots.bulkInsert([{ id: 50, ra: 0, dec: 15, part: 2 }]);
        const far = { ra: 0, dec: -15, radius: 108_000 };
        const rest = { filterBy: { part: 2 } };
        assert.deepEqual(await idsOf(far, rest), [50]);
        assert.equal(
          await spots.count({ filterBy: { near: far, ...rest.filterBy } }),
          1,
        );
        // The sines of the server and those of this process may differ.
        const same = Array.from({ length: 50 }, (_, at) => ({
          id: 100 + at,
          ra: at * 7.1234567,
          dec: at * 3.3456789 - 80,
          part: 3,
        }));
        await spots.bulkInsert(same);
        for (const { id, ra, dec } of same) {
          const near = { ra, dec, radius: 0 };
          const found = await spots.findAll({ filterBy: { near, part: 3 } });
          assert.deepEqual(found.map((row) => row.id), [id]);
        }
        // The other row would be there if its right ascension were one.
        await spots.bulkInsert([
          { id: 200, ra: 1, dec: 20, part: 4 },
          { id: 201, ra: 361, dec: 20, part: 4 },
        ]);
        for (const radius of [1, 200_000]) {
          const near = { ra: 1, dec: 20, radius };
          assert.equal(await spots.count({ filterBy: { near, part: 4 } }), 1);
        }
        return true;
      });
    },
    [model],
  );
}
