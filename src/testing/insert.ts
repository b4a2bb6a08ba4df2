import assert from "node:assert/strict";
import {
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star } from "./models.ts";
import { fillStars } from "./stars.ts";

/** `insert`. */
export const insert: readonly Behaviour[] = [
  behaviour(
    "insert returns the row as it is stored, with defaults and null",
    async (db) => {
      const row = await db.query(Star).insert({
        id: 7n,
        name: "Vega",
        flux: 0.1,
        uid: "0B5E6F1A-2C3D-4E5F-8A9B-0C1D2E3F4A5B",
        seen: new Date(1_700_000_000_123),
        notes: { a: [1, null] },
      });
      assert.equal(String(row), "<Star(id=7)>");
      assert.deepEqual(
        [row.status, row.mag, row.flux, row.uid],
        [
          "new",
          null,
          Math.fround(0.1),
          "0b5e6f1a-2c3d-4e5f-8a9b-0c1d2e3f4a5b",
        ],
      );
      assert.deepEqual(await db.query(Star).findAll(), [row]);
      const stamp = await db.query(Stamp).insert({ id: 1, value: NaN });
      assert.deepEqual({ ...stamp }, { id: 1, value: null, touched: 0 });
    },
  ),
  behaviour(
    "insert does the same with the model in its options",
    async (db) => {
      const row = await db.query().insert({
        model: Sighting,
        star: 1n,
        night: 2,
        quality: 0.5,
      });
      assert.deepEqual(
        { ...row },
        { star: 1n, night: 2, mag: null, quality: 0.5 },
      );
      assert.equal(await db.query(Sighting).count(), 1);
    },
  ),
  behaviour(
    "insert throws DuplicateKeyError if a row has the same primary or unique key",
    async (db) => {
      await fillStars(db);
      for (const row of [{ id: 2n, name: "x" }, { id: 99n, name: "Mira" }]) {
        await assert.rejects(db.query(Star).insert(row), DuplicateKeyError);
      }
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "insert rejects invalid, missing and unknown fields",
    async (db) => {
      const wrong: readonly (readonly [object, RegExp])[] = [
        [
          { id: 7n },
          /^Cannot write star: name is required\. No row was written$/,
        ],
        [{ id: 7n, name: 5 }, /name must be a string/],
        [{ id: 7n, name: "x", nmae: "y" }, /nmae is not a field of star; did/],
      ];
      for (const [row, reason] of wrong) {
        await assert.rejects(
          db.query(Star).insert(row as never),
          (error) =>
            error instanceof ValidationError && reason.test(error.message),
        );
      }
      for (const row of [[{ id: 7n, name: "x" }], null, undefined, 7]) {
        await assert.rejects(
          db.query(Star).insert(row as never),
          (error) =>
            error instanceof QueryError && /one row/.test(error.message),
        );
      }
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "insert belongs to its transaction, and a duplicate in an inner transaction leaves the outer one usable",
    async (db) => {
      await fillStars(db);
      const failing = db.transaction(async (tx) => {
        await tx.query(Star).insert({ id: 50n, name: "Vega" });
        throw new RangeError("no");
      });
      await assert.rejects(failing, RangeError);
      assert.equal(await db.query(Star).count(), 5);
      const row = await db.transaction(async (tx) => {
        await assert.rejects(
          tx.transaction((inner) =>
            inner.query(Star).insert({ id: 2n, name: "x" })
          ),
          DuplicateKeyError,
        );
        return await tx.query(Star).insert({ id: 51n, name: "Altair" });
      });
      assert.equal(row.id, 51n);
      assert.equal(await db.query(Star).count(), 6);
    },
  ),
];
