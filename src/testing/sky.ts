import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError, ValidationError } from "../base/errors/mod.ts";
import type { FullFilter } from "../query/filter/filter.ts";
import { angularDistance } from "../sky/distance.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Place } from "./models.ts";

type Position = readonly [ra: number | null, dec: number | null];
type PlaceFilter = FullFilter<typeof Place>;

/** Positions at the poles, at right ascension 0, opposite to each other, near each other, and incomplete ones. */
const POSITIONS: readonly Position[] = [
  [0, 0],
  [360, 0],
  [359.9999, 0.0001],
  [180, 0],
  [10, 90],
  [250, 90],
  [10, 89.9999],
  [0, -90],
  [45, 45],
  [45.0001, 45],
  [225, -45],
  [225.00001, -45.00001],
  [null, 10],
  [10, null],
  [null, null],
  [5, 5],
];
/** Radii in arcseconds. */
const RADII = [0, 0.3, 60, 36_000, 324_000, 647_999.9, 648_000];

async function fill(db: Connection): Promise<void> {
  await db.query(Place).bulkInsert(
    POSITIONS.map(([ra, dec], id) => ({ id, ra, dec, part: id % 2 })),
  );
}

/** The distance in arcseconds by unit vectors, another formula than that of the queries. */
function distance(a: Position, b: Position): number {
  const [p, q] = [a, b].map(([ra, dec]) => {
    const [x, y] = [Number(ra), Number(dec)].map((part) =>
      part * Math.PI / 180
    );
    return [
      Math.cos(Number(y)) * Math.cos(Number(x)),
      Math.cos(Number(y)) * Math.sin(Number(x)),
      Math.sin(Number(y)),
    ] as const;
  });
  if (p === undefined || q === undefined) return NaN;
  const cross = Math.hypot(
    p[1] * q[2] - p[2] * q[1],
    p[2] * q[0] - p[0] * q[2],
    p[0] * q[1] - p[1] * q[0],
  );
  const dot = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  return Math.atan2(cross, dot) / Math.PI * 648_000;
}

function isComplete([ra, dec]: Position): boolean {
  return ra !== null && dec !== null;
}

/** The identifiers of each target and its rows, the nearest first. */
function pairsWithin(
  targets: readonly { id: number; ra: number; dec: number }[],
  radius: number,
): number[][] {
  return targets.flatMap((target) =>
    targets.map(({ id, ra, dec }) => ({
      pair: [target.id, id],
      distance: distance([target.ra, target.dec], [ra, dec]),
    })).filter(({ distance }) => distance <= radius + 1e-9)
      .toSorted((a, b) =>
        Math.abs(a.distance - b.distance) < 1e-6 ? 0 : a.distance - b.distance
      )
      .map(({ pair }) => pair)
  );
}

async function idsOf(db: Connection, filterBy: PlaceFilter): Promise<number[]> {
  const rows = await db.query(Place).findAll({
    filterBy,
    select: ["id"],
    orderBy: { id: "asc" },
  });
  return rows.map(({ id }) => id);
}

const COMPLETE = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15];

/** Filters of places, and the identifiers of those that match. */
const PLACES_OF:
  readonly (readonly [string, PlaceFilter, readonly number[]])[] = [
    ["near inside not, which matches null", {
      not: { near: { ra: 100, dec: 0, radius: 648_000 } },
    }, [12, 13, 14]],
    ["near inside or", {
      or: [{ near: { ra: 45, dec: 45, radius: 1 } }, { id: 14 }],
    }, [8, 9, 14]],
    ["near beside a field", {
      near: { ra: 0, dec: 0, radius: 60 },
      part: 1,
    }, [1]],
    ["near twice", {
      near: { ra: 45, dec: 45, radius: 1 },
      and: [{ near: { ra: 45.0002, dec: 45, radius: 0.3 } }],
    }, [9]],
    ["near in a relation", {
      others: { some: { near: { ra: 45, dec: 45, radius: 0 } } },
      id: { lt: 4 },
    }, [0, 2]],
    ["a box", { box: { ra: [40, 50], dec: [40, 50] } }, [8, 9]],
    ["a box across right ascension 0", {
      box: { ra: [359, 6], dec: [-1, 6] },
    }, [0, 1, 2, 15]],
    ["a box that begins at 0 contains 360", {
      box: { ra: [0, 1], dec: [-1, 1] },
    }, [0, 1]],
    ["a box that ends at 360 contains 0", {
      box: { ra: [359.99995, 360], dec: [-1, 1] },
    }, [0, 1]],
    ["a box with a pole", { box: { ra: [100, 110], dec: [80, 90] } }, [4, 5]],
    ["a box inside not", {
      not: { box: { ra: [0, 360], dec: [-90, 90] } },
    }, [12, 13, 14]],
    ["a polygon", { polygon: [[40, 40], [50, 40], [45, 50]] }, [8, 9]],
    ["a polygon in the other direction", {
      polygon: [[45, 50], [50, 40], [40, 40]],
    }, [8, 9]],
    ["a polygon contains its corners", {
      polygon: [[0, 0], [10, 0], [10, 10], [0, 10]],
    }, [0, 1, 15]],
    ["a polygon across right ascension 0", {
      polygon: [[350, -5], [10, -5], [10, 4], [350, 4]],
    }, [0, 1, 2]],
    ["a polygon around a pole", {
      polygon: [[0, 80], [120, 80], [240, 80]],
    }, [4, 5, 6]],
    ["an octant", { polygon: [[0, 0], [90, 0], [0, 90]] }, [
      ...[0, 1, 4, 5, 6, 8, 9, 15],
    ]],
    ["a polygon inside not", {
      not: { polygon: [[0, 0], [90, 0], [0, 90]] },
    }, [2, 3, 7, 10, 11, 12, 13, 14]],
  ];

/** Wrong conditions, with the name and the text of the error. */
const WRONG: readonly (readonly [PlaceFilter, RegExp])[] = [
  [
    { near: { ra: 361, dec: 0, radius: 1 } },
    /near\.ra is 361, outside 0 to 360/,
  ],
  [{ near: { ra: -1, dec: 0, radius: 1 } }, /near\.ra is -1/],
  [{ near: { ra: 0, dec: 90.1, radius: 1 } }, /near\.dec is 90\.1/],
  [{ near: { ra: 0, dec: 0, radius: -1 } }, /near\.radius is -1/],
  [{ near: { ra: 0, dec: 0, radius: NaN } }, /near\.radius is NaN/],
  [{ near: { ra: 0, dec: 0, radius: 648_001 } }, /near\.radius is 648001/],
  [{ box: { ra: [0, 400], dec: [0, 1] } }, /box\.ra\[1\] is 400/],
  [{ box: { ra: [0, 1], dec: [1, 0] } }, /box\.dec must begin with the lesser/],
  [{ polygon: [[0, 0], [1, 1]] }, /polygon has 2 corners/],
  [{ polygon: [[0, 0], [1, 0], [1, 1], [0, 0]] }, /same corner at 0 and 3/],
  [
    { polygon: [[0, 0], [10, 0], [2, 2], [0, 10]] },
    /polygon is not convex/,
  ],
  [{ polygon: [[0, 0], [1, 0], [1, 91]] }, /polygon\[2\]\[1\] is 91/],
];

/** Filters and orders by position. */
export const sky: readonly Behaviour[] = [
  behaviour("near matches by great-circle distance, everywhere", async (db) => {
    await fill(db);
    for (const [index, position] of POSITIONS.entries()) {
      const [ra, dec] = position;
      if (ra === null || dec === null) continue;
      // Each position has its own radii, so that the test is short.
      for (const radius of index === 0 ? RADII : [0, RADII[index % 7] ?? 0]) {
        const within = POSITIONS.flatMap((other, id) =>
          isComplete(other) && distance(position, other) <= radius + 1e-9
            ? [id]
            : []
        );
        assert.deepEqual(
          await idsOf(db, { near: { ra, dec, radius } }),
          within,
          `${radius} arcsec around ${position}`,
        );
      }
    }
  }),
  behaviour(
    "filters by position combine with all other filters",
    async (db) => {
      await fill(db);
      for (const [name, filterBy, ids] of PLACES_OF) {
        assert.deepEqual(await idsOf(db, filterBy), ids, name);
      }
      const near = { ra: 0, dec: 0, radius: 648_000 };
      assert.equal(await db.query(Place).count({ filterBy: { near } }), 13);
      assert.equal(
        await db.query(Place).updateAll({
          filterBy: { near },
          set: { part: 7 },
        }),
        13,
      );
      assert.equal(
        await db.query(Place).deleteAll({ filterBy: { not: { near } } }),
        3,
      );
    },
  ),
  behaviour(
    "rows by distance carry it, and the nearest are first",
    async (db) => {
      await fill(db);
      const center: Position = [44, 44];
      const filterBy = { near: { ra: 44, dec: 44, radius: 648_000 } };
      const rows = await db.query(Place).findAll({
        filterBy,
        orderBy: "distance",
        select: ["id"],
      });
      // Equal distances are in the order of the key.
      const expected = COMPLETE.map((id) => ({
        id,
        distance: distance(center, POSITIONS[id] ?? center),
      })).toSorted((a, b) =>
        Math.abs(a.distance - b.distance) < 1e-6
          ? a.id - b.id
          : a.distance - b.distance
      );
      assert.deepEqual(
        rows.map(({ id }) => id),
        expected.map(({ id }) => id),
      );
      assert.deepEqual(Object.keys(rows[0] ?? {}), ["id", "distance"]);
      for (const [index, row] of rows.entries()) {
        assert.ok(
          Math.abs(row.distance - (expected[index]?.distance ?? 0)) < 1e-6,
        );
      }
      const first = await db.query(Place).first({
        filterBy,
        orderBy: "distance",
      });
      assert.deepEqual([first?.id, first?.ra], [8, 45]);
      const page = await db.query(Place).find({
        filterBy,
        orderBy: "distance",
        page: 2,
        perPage: 3,
      });
      assert.deepEqual(
        page.items.map(({ id }) => id),
        expected.slice(3, 6).map(({ id }) => id),
      );
      const streamed: number[] = [];
      for await (
        const row of db.query(Place).stream({
          filterBy,
          orderBy: "distance",
          batchSize: 4,
        })
      ) streamed.push(row.distance);
      assert.deepEqual(streamed, rows.map((row) => row.distance));
    },
  ),
  behaviour("a row at its own distance is within that radius", async (db) => {
    await fill(db);
    for (
      const row of await db.query(Place).findAll({
        filterBy: { near: { ra: 123.456, dec: -12.3, radius: 648_000 } },
        orderBy: "distance",
      })
    ) {
      const near = { ra: 123.456, dec: -12.3, radius: row.distance };
      assert.ok((await idsOf(db, { near })).includes(row.id), `${row}`);
    }
  }),
  behaviour(
    "crossmatch yields the rows of each target in order",
    async (db) => {
      await fill(db);
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
          const known = distance(
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
    "crossmatch takes a radius for each target, nearest, filters and many targets",
    async (db) => {
      await fill(db);
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
    "pages in the order of distance take numbers only",
    async (db) => {
      const places = db.query(Place);
      await places.bulkInsert([{ id: 1, ra: 10, dec: 10, part: 1 }]);
      const near = { ra: 10, dec: 10, radius: 5 };
      const options = { orderBy: "distance", filterBy: { near } } as const;
      const page = await places.find(options);
      assert.deepEqual([page.items.length, page.cursor], [1, undefined]);
      const { cursor = "" } = await places.find({ filterBy: { near } });
      for (const start of [{ cursor }, { after: page.items[0] ?? {} }]) {
        await assert.rejects(
          places.find({ ...options, ...start }),
          (error) =>
            error instanceof QueryError &&
            error.field === Object.keys(start)[0] &&
            /pages in the order of distance take page, not/
              .test(error.message),
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
    "a wrong position or region is an error that names the part",
    async (db) => {
      for (const [filterBy, message] of WRONG) {
        await assert.rejects(
          db.query(Place).findAll({ filterBy }),
          (error) =>
            error instanceof ValidationError && message.test(error.message),
          String(message),
        );
      }
      for (
        const [options, message] of [
          [{ orderBy: "distance" }, /requires near in filterBy/],
          [
            { orderBy: "distance", filterBy: { not: { near: [] } } },
            /requires near in filterBy/,
          ],
          [{ filterBy: { near: [1, 2, 3] } }, /near must be an object like/],
          [
            { filterBy: { near: { ra: 1, dec: 1, radus: 1 } } },
            /did you mean "?radius/i,
          ],
          [{ filterBy: { polygn: [] } }, /did you mean "?polygon/i],
        ] as const
      ) {
        const wrong: object = options;
        await assert.rejects(
          db.query(Place).findAll(wrong),
          (error) => error instanceof QueryError && message.test(error.message),
          String(message),
        );
      }
    },
  ),
];
