// The methods that take a filter, and those that take a row.
import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import type { Filter } from "../query/filter/filter.ts";
import { Star, type StarInsert, type StarRow } from "./models.ts";

/** Each method that takes a filter. */
export const FILTERED: readonly (readonly [
  string,
  (db: Connection, filterBy: Filter<StarRow>) => Promise<unknown>,
])[] = [
  ["find", (db, filterBy) => db.query(Star).find({ filterBy })],
  ["findAll", (db, filterBy) => db.query(Star).findAll({ filterBy })],
  ["first", (db, filterBy) => db.query(Star).first({ filterBy })],
  ["findOne", (db, filterBy) => db.query(Star).findOne({ filterBy })],
  ["checkExists", (db, filterBy) => db.query(Star).checkExists({ filterBy })],
  ["count", (db, filterBy) => db.query(Star).count({ filterBy })],
  [
    "stream",
    async (db, filterBy) =>
      await Array.fromAsync(db.query(Star).stream({ filterBy })),
  ],
  [
    "getOrCreate",
    (db, filterBy) => db.query(Star).getOrCreate({ filterBy, name: "Vega" }),
  ],
  [
    "bulkUpdate",
    (db, filterBy) => db.query(Star).bulkUpdate([[filterBy, { visits: 1 }]]),
  ],
  [
    "updateAll",
    (db, filterBy) =>
      db.query(Star).updateAll({ filterBy, set: { visits: 1 } }),
  ],
  ["deleteAll", (db, filterBy) => db.query(Star).deleteAll({ filterBy })],
];

/** Each method that takes a row, and the index of the row in its error. */
export const WRITES: readonly (readonly [
  string,
  (db: Connection, row: StarInsert) => Promise<unknown>,
  number,
])[] = [
  [
    "bulkInsert",
    (db, row) => db.query(Star).bulkInsert([{ id: 70n, name: "Vega" }, row]),
    1,
  ],
  ["bulkInsert of one row", (db, row) => db.query(Star).bulkInsert([row]), 0],
  [
    "bulkUpsert",
    (db, row) => db.query(Star).bulkUpsert([{ id: 70n, name: "Vega" }, row]),
    1,
  ],
  ["bulkUpsert of one row", (db, row) => db.query(Star).bulkUpsert([row]), 0],
  [
    "bulkUpdate",
    (db, row) => db.query(Star).bulkUpdate([{ id: 1n, visits: 9 }, row]),
    1,
  ],
  [
    "bulkUpdate by filter",
    (db, row) => db.query(Star).bulkUpdate([[{ id: 1n }, row]]),
    0,
  ],
  ["insert", (db, row) => db.query(Star).insert(row), 0],
  [
    "updateAll",
    (db, row) => db.query(Star).updateAll({ filterBy: { id: 1n }, set: row }),
    0,
  ],
  [
    "update",
    async (db, row) => {
      const star = await db.query(Star).findOne({ filterBy: { id: 2n } });
      assert.ok(star);
      db.query(Star).update(star, row);
    },
    0,
  ],
];
