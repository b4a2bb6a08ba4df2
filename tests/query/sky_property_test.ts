// Random regions and cross-matches find the same of 10,000 positions on every engine, and those that brute force finds.
import { angularDistance } from "@alerce/db-plugins";
import { Place } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { property } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const COUNT = 10_000;
/** Positions that random ones rarely are: the poles, both sides of right ascension 0, and numbers near 0. */
const EDGES = [
  [0, 0],
  [360, 0],
  [180, 0],
  [0, 90],
  [123, 90],
  [10, 89.99999],
  [1e-308, 89.99999999999999],
  [5e-324, 5e-324],
  [7, -90],
  [187, -89.99999],
  [359.9999, 0],
  [1e-5, -1e-5],
] as const;
/** Rows without a position. */
const MISSING = [[null, 10], [10, null], [null, null]];
/** Radii with an edge, in arcseconds: that of all positions, of half of them, and of an index. */
const RADII = [0, 0.01, 1.5, 3_600, 108_000, 108_001, 324_000, 648_000];

const part = fc.double({ min: 0, max: 1, noNaN: true });
const position = fc.oneof(
  fc.tuple(part, part).map(([a, b]) => onSphere(a, b)),
  fc.constantFrom(...EDGES),
);
const radius = fc.oneof(
  fc.constantFrom(...RADII),
  fc.double({ min: 0, max: 10_000, noNaN: true }),
  fc.double({ min: 0, max: 648_000, noNaN: true }),
);
const questions = fc.record({
  cones: fc.array(fc.tuple(position, radius), { minLength: 2, maxLength: 3 }),
  box: fc.tuple(position, position),
  triangle: fc.tuple(position, fc.double({ min: 0.1, max: 40, noNaN: true })),
  targets: fc.array(position, { minLength: 3, maxLength: 5 }),
});

onEveryEngine(
  "regions contain the same positions, and cross-matches find the same",
  async (databases) => {
    const random = fc.sample(fc.tuple(part, part), { numRuns: COUNT, seed: 7 });
    const rows = random.map(([a, b], id) => {
      const [ra, dec] = EDGES[id] ?? onSphere(a, b);
      return { id, ra, dec, part: 0 };
    });
    const missing = MISSING.map(([ra = null, dec = null], index) => ({
      id: COUNT + index,
      ra,
      dec,
      part: 0,
    }));
    await Promise.all(
      databases.map((db) => db.query(Place).bulkInsert([...rows, ...missing])),
    );
    const within = (ra: number, dec: number, radius: number): number[] =>
      rows.filter((row) =>
        angularDistance(ra, dec, row.ra, row.dec) <= radius + 1e-9
      ).map(({ id }) => id);
    // Each awkward position has one radius on each engine, so that the test is short.
    for (const [index, [ra, dec]] of EDGES.entries()) {
      const near = { ra, dec, radius: RADII[index % RADII.length] ?? 0 };
      const found = await oneAnswer(databases, async (db) => {
        const count = await db.query(Place).count({ filterBy: { near } });
        const first = await db.query(Place).findAll({
          filterBy: { near },
          select: ["id"],
          orderBy: "distance",
          limit: 20,
        });
        const without = await db.query(Place).count({
          filterBy: { not: { near } },
        });
        return { count, without, first: first.map(({ distance }) => distance) };
      });
      const expected = within(ra, dec, near.radius);
      assert.equal(found.count, expected.length, `${ra} ${dec}`);
      assert.equal(found.without, COUNT + MISSING.length - expected.length);
      assert.equal(found.first[0], 0);
    }
    await property(
      Math.ceil(ROUNDS / 10),
      questions,
      async ({ cones, box, triangle, targets }) => {
        await oneAnswer(databases, async (db) => {
          const places = db.query(Place);
          const answers: unknown[] = [];
          for (const [[ra, dec], radius] of cones) {
            const near = { ra, dec, radius };
            const found = await places.findAll({
              filterBy: { near },
              select: ["id"],
              orderBy: { id: "asc" },
            });
            assert.deepEqual(
              found.map(({ id }) => id),
              within(ra, dec, radius),
            );
          }
          const [[west, a], [east, b]] = box;
          answers.push(
            await places.count({
              filterBy: {
                box: {
                  ra: [west, east],
                  dec: [Math.min(a, b), Math.max(a, b)],
                },
              },
            }),
          );
          const [[ra, dec], size] = triangle;
          const south = Math.max(-89, Math.min(dec, 40));
          answers.push(
            await places.count({
              filterBy: {
                polygon: [
                  [ra, south],
                  [(ra + size) % 360, south],
                  [ra, south + size],
                ],
              },
            }),
          );
          for await (
            const { target, row, distance } of places.crossmatch(
              [...targets, ...EDGES].map(([ra, dec], at) => ({
                at,
                ra,
                dec,
              })),
              { radius: 3_600, nearest: 2, select: ["id"] },
            )
          ) answers.push([target.at, row.id, distance]);
          return answers;
        });
      },
    );
  },
  [Place],
);

/** Returns a position; the parts from 0 to 1 are evenly spread over the sphere. */
function onSphere(a: number, b: number): readonly [number, number] {
  return [a * 360, Math.asin(2 * b - 1) / Math.PI * 180];
}
