import assert from "node:assert/strict";
import { angularDistance } from "../sky/distance.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Place } from "./models.ts";
import { distanceBetween, fillPlaces, POSITIONS } from "./places.ts";

/** The identifiers of each target and its rows, the nearest first. */
function pairsWithin(
  targets: readonly { id: number; ra: number; dec: number }[],
  radius: number,
): number[][] {
  return targets.flatMap((target) =>
    targets.map(({ id, ra, dec }) => ({
      pair: [target.id, id],
      distance: distanceBetween([target.ra, target.dec], [ra, dec]),
    })).filter(({ distance }) => distance <= radius + 1e-9)
      .toSorted((a, b) =>
        Math.abs(a.distance - b.distance) < 1e-6 ? 0 : a.distance - b.distance
      )
      .map(({ pair }) => pair)
  );
}

const TARGET = { ra: 45, dec: 45 };
const MANY_TARGETS = 6_000;
/** Targets in four batches: one whose rows are used, two that are read, and one that is collected. */
const AHEAD_AT_MOST = 4_000;

/** Targets matched with the rows near them. */
export const crossmatching: readonly Behaviour[] = [
  behaviour(
    "crossmatch yields the rows of each target in order",
    async (db) => {
      await fillPlaces(db);
      const targets = POSITIONS.flatMap(([ra, dec], id) =>
        ra === null || dec === null ? [] : [{ id, ra, dec }]
      );
      async function* stream() {
        await Promise.resolve();
        yield* targets;
      }
      for (const radius of [0, 1, 3_600]) {
        const pairs: number[][] = [];
        for await (
          const { target, row, distance: found } of db.query(Place)
            .crossmatch(stream(), { radius, select: ["id"] })
        ) {
          assert.deepEqual(Object.keys(row), ["id"]);
          const known = distanceBetween(
            [target.ra, target.dec],
            POSITIONS[row.id] ?? [null, null],
          );
          assert.ok(Math.abs(found - known) < 1e-6);
          pairs.push([target.id, row.id]);
        }
        assert.deepEqual(pairs, pairsWithin(targets, radius), `${radius}`);
      }
    },
  ),
  behaviour(
    "crossmatch takes targets only a few batches before their rows are used",
    async (db) => {
      await fillPlaces(db);
      let taken = 0;
      function* targets() {
        for (; taken < MANY_TARGETS; taken++) yield { id: taken, ...TARGET };
      }
      async function* stream() {
        await Promise.resolve();
        yield* targets();
      }
      for (const source of [targets, stream]) {
        taken = 0;
        let used = 0;
        const options = { radius: 1, nearest: 1, select: ["id"] } as const;
        for await (
          const { target } of db.query(Place).crossmatch(source(), options)
        ) {
          assert.equal(target.id, used++);
          assert.ok(taken - used <= AHEAD_AT_MOST, `${taken} taken`);
        }
        assert.equal(used, MANY_TARGETS);
      }
    },
  ),
  behaviour(
    "crossmatch takes a radius for each target, nearest, filters and many targets",
    async (db) => {
      await fillPlaces(db);
      const query = db.query(Place);
      const nearest = await Array.fromAsync(query.crossmatch(
        [
          { ra: 45, dec: 45, radius: 0.1 },
          { ra: 45, dec: 45 },
          { ra: 90, dec: 0 },
        ],
        { radius: 10, nearest: 1, filterBy: { part: 1 } },
      ));
      assert.deepEqual(nearest.map(({ row }) => row.id), [9]);
      const many = Array.from(
        { length: 250 },
        (_, at) => ({ at, ra: 5, dec: 5 }),
      );
      const matches = await Array.fromAsync(
        query.crossmatch(many, { radius: 1, nearest: 1 }),
      );
      assert.deepEqual(matches.map(({ target }) => target), many);
      // No two matches share a row.
      assert.equal(new Set(matches.map(({ row }) => row)).size, 250);
      const some = [{ ra: 0, dec: 0 }];
      for (
        const [targets, options, message] of [
          [
            some,
            { radius: 648_000, maxPerTarget: 3 },
            /target 0 has more than 3 rows within 648000 arcseconds/,
          ],
          [[...some, { ra: 1, dec: 99 }], { radius: 1 }, /target 1: dec is 99/],
          [some, {}, /target 0: radius must be a number/],
        ] as const
      ) {
        await assert.rejects(
          Array.fromAsync(query.crossmatch(targets, options)),
          message,
        );
      }
    },
  ),
  behaviour(
    "crossmatch finds the nearest of many rows, and rows at equal distances by key",
    async (db) => {
      // 60 positions in four directions, across right ascension 0 and an arcminute of declination.
      const directions = [[1, 0], [0, 1], [-1, 0], [0, -1]] as const;
      const rows = Array.from({ length: 60 }, (_, at) => {
        const [east, north] = directions[at % 4] ?? [0, 0];
        const step = (Math.floor(at / 8) + 1) / 36_000;
        return {
          id: 100 - at,
          ra: (360 + east * step) % 360,
          dec: 1 / 60 + north * step,
          part: at % 2,
        };
      });
      await db.query(Place).bulkInsert([
        ...rows,
        { id: 200, ra: 90, dec: 0, part: 0 },
        { id: 199, ra: 90, dec: 0, part: 0 },
      ]);
      const targets = [
        { ra: 0, dec: 1 / 60 },
        { ra: 90, dec: 0 },
        { ra: 360, dec: 1 / 60, radius: 0.45 },
      ];
      for (const nearest of [1, 7, 30, undefined]) {
        const found: number[][] = [[], [], []];
        for await (
          const { target, row } of db.query(Place).crossmatch(targets, {
            radius: 10,
            ...nearest === undefined ? {} : { nearest },
            select: ["id"],
          })
        ) found[targets.indexOf(target)]?.push(row.id);
        const expected = targets.map(({ ra, dec, radius = 10 }) =>
          [...rows, { id: 199, ra: 90, dec: 0 }, { id: 200, ra: 90, dec: 0 }]
            .map((row) => ({
              id: row.id,
              distance: angularDistance(ra, dec, row.ra, row.dec),
            }))
            .filter(({ distance }) => distance <= radius)
            .toSorted((a, b) => a.distance - b.distance || a.id - b.id)
            .slice(0, nearest).map(({ id }) => id)
        );
        assert.deepEqual(found, expected, `${nearest}`);
      }
    },
  ),
  behaviour(
    "crossmatch finds a row at the edge of the radius beside many that are farther",
    async (db) => {
      // The others are near a corner of a square around the circle.
      const others = Array.from({ length: 30 }, (_, id) => ({
        ...{ id, ra: 200 + (2.6 + id / 1_000) / 3_600, part: 0 },
        dec: 1e-4 + (2.6 + id / 1_000) / 3_600,
      }));
      const edge = { id: 100, ra: 200 + 3 / 3_600, dec: 1e-4, part: 0 };
      await db.query(Place).bulkInsert([...others, edge]);
      const target = { ra: 200, dec: 1e-4 };
      const radius = angularDistance(target.ra, target.dec, edge.ra, edge.dec);
      const mixed = [1, 60.5, 2].map((radius) => ({ ...target, radius }));
      const ordered = await Array.fromAsync(
        db.query(Place).crossmatch(mixed, { filterBy: { id: 0 } }),
      );
      assert.deepEqual(ordered.map(({ target }) => target.radius), [60.5]);
      const all = mixed.map((one) => ({ ...one, radius: one.radius + 3 }));
      assert.deepEqual(
        (await Array.fromAsync(
          db.query(Place).crossmatch(all, { filterBy: { id: 100 } }),
        )).map(({ target }) => target.radius),
        all.map(({ radius }) => radius),
      );
      for (const nearest of [1, 5, undefined]) {
        const found = await Array.fromAsync(
          db.query(Place).crossmatch(
            [target, { ra: 10, dec: 10 }],
            { radius, ...nearest === undefined ? {} : { nearest } },
          ),
        );
        assert.deepEqual(
          found.map(({ row, distance }) => [row.id, distance]),
          [[100, radius]],
        );
      }
    },
  ),
];
