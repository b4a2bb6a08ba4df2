import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError, ValidationError } from "../base/errors/mod.ts";
import type { FullFilter } from "../query/filter/filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Place } from "./models.ts";
import {
  distanceBetween,
  fillPlaces,
  type Position,
  POSITIONS,
} from "./places.ts";

type PlaceFilter = FullFilter<typeof Place>;

/** Radii in arcseconds. */
const RADII = [0, 0.3, 60, 36_000, 324_000, 647_999.9, 648_000];

function isComplete([ra, dec]: Position): boolean {
  return ra !== null && dec !== null;
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
    // PostgreSQL rejects products that underflow.
    ["an octant with a corner beside right ascension 0", {
      polygon: [[5e-321, 0], [90, 0], [0, 90]],
    }, [
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
    await fillPlaces(db);
    for (const [index, position] of POSITIONS.entries()) {
      const [ra, dec] = position;
      if (ra === null || dec === null) continue;
      // Each position has its own radii, so that the test is short.
      for (const radius of index === 0 ? RADII : [0, RADII[index % 7] ?? 0]) {
        const within = POSITIONS.flatMap((other, id) =>
          isComplete(other) && distanceBetween(position, other) <= radius + 1e-9
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
      await fillPlaces(db);
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
      await fillPlaces(db);
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
        distance: distanceBetween(center, POSITIONS[id] ?? center),
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
    await fillPlaces(db);
    // Distances of up to 30 degrees are compared by another formula than greater ones.
    for (const [ra, dec] of [[123.456, -12.3], [52.3, 41.7], [7.1, 6.3]]) {
      const center = { ra: Number(ra), dec: Number(dec) };
      for (
        const row of await db.query(Place).findAll({
          filterBy: { near: { ...center, radius: 648_000 } },
          orderBy: "distance",
        })
      ) {
        const near = { ...center, radius: row.distance };
        assert.ok((await idsOf(db, { near })).includes(row.id), `${row}`);
      }
    }
  }),
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
