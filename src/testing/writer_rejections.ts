import assert from "node:assert/strict";
import { DuplicateKeyError, ValidationError } from "../base/errors/mod.ts";
import type { RejectedRow } from "../writer/types.ts";
import { createWriter } from "../writer/writer.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star, type StarInsert } from "./models.ts";
import { fillStars } from "./stars.ts";
import { counts, NOTHING, stars } from "./writer_rows.ts";

/** Rows that a writer cannot write. */
export const writerRejections: readonly Behaviour[] = [
  behaviour(
    "without onRejected, a flush with a refused row writes nothing, and the writer drops its rows",
    async (db) => {
      await fillStars(db);
      await using writer = createWriter(db, { retries: 0 });
      writer.insert(Sighting, [{ star: 1n, night: 1, quality: 0.5 }]);
      writer.upsert(Star, [{ id: 1n, mag: 9 }, { id: 2n, mag: NaN }]);
      await assert.rejects(writer.flush(), (error) => {
        assert.ok(error instanceof ValidationError);
        assert.equal(error.outcome, "not applied");
        assert.equal(error.rows[0]?.field, "mag");
        return true;
      });
      writer.insert(Stamp, [{ id: 1, value: 1 }]);
      writer.insert(Star, [{ id: 1n, name: "x" }], { onConflict: "error" });
      await assert.rejects(writer.flush(), DuplicateKeyError);
      assert.deepEqual(await counts(db), [5, 0, 0]);
      assert.deepEqual(await writer.flush(), NOTHING);
      writer.insert(Stamp, [{ id: 1, value: 1 }]);
      assert.equal((await writer.flush()).inserted, 1);
    },
  ),
  behaviour(
    "onRejected receives each row that the model or the database refuses, and the others are written",
    async (db) => {
      await fillStars(db);
      const rejected: RejectedRow[] = [];
      await using writer = createWriter(db, {
        onRejected: (row) => rejected.push(row),
      });
      const news = stars(40);
      const rows = [
        ...news.slice(0, 7),
        { id: 7n, name: "bad", mag: NaN }, // refused by the model
        ...news.slice(7, 21),
        { id: 2n, name: "taken" }, // an existing primary key
        { id: 8n, name: "Mira" }, // an existing unique key
        ...news.slice(21),
        { id: 9n, nme: "x" } as unknown as StarInsert,
      ];
      writer.insert(Star, rows, { onConflict: "error" });
      writer.insert(Sighting, [
        { star: 1n, night: 1, quality: 0.5 },
        { star: 1n, night: 2, quality: 2 },
      ]);
      writer.upsert(Star, [{ id: 3n, mag: 1 }, { id: 4n, name: "Mira" }]);
      assert.deepEqual(await writer.flush(), {
        inserted: 41,
        updated: 1,
        ignored: 0,
        rejected: 6,
      });
      assert.deepEqual(await counts(db), [45, 1, 0]);
      const found = rejected
        .map(({ model, index, problems }) => [model, index, problems[0]?.field])
        .toSorted();
      assert.deepEqual(
        found,
        [
          ["sighting", 1, "quality"],
          ["star", 1, "name"],
          ["star", 22, "id"],
          ["star", 23, "name"],
          ["star", 43, "nme"],
          ["star", 7, "mag"],
        ].toSorted(),
      );
      assert.ok(rejected.some(({ row }) => row === rows[22]));
      assert.ok(rejected.every(({ problems }) => problems[0]?.reason));
      assert.equal(writer.stats.rejected, 6);
    },
  ),
  behaviour(
    "a flush of refused rows only writes nothing",
    async (db) => {
      const rejected: RejectedRow[] = [];
      await using writer = createWriter(db, {
        onRejected: (row) => void rejected.push(row),
      });
      const bad = { id: 1n, name: "x", mag: NaN };
      writer.insert(Star, Array.from({ length: 50 }, () => bad));
      writer.upsert(Stamp, [{ value: 1 }, null as unknown as object]);
      assert.deepEqual(await writer.flush(), { ...NOTHING, rejected: 52 });
      assert.deepEqual(rejected.map(({ index }) => index), [
        ...Array.from({ length: 50 }, (_, index) => index),
        ...[0, 1],
      ]);
      assert.deepEqual(await counts(db), [0, 0, 0]);
    },
  ),
  behaviour(
    "an error that onRejected throws is the error of the flush, whose other rows are written",
    async (db) => {
      await using writer = createWriter(db, {
        onRejected: () => Promise.reject(new RangeError("full")),
      });
      writer.insert(Star, [...stars(2), { id: 1n, name: "x", mag: NaN }]);
      await assert.rejects(writer.flush(), /^RangeError: full$/);
      assert.deepEqual(await counts(db), [2, 0, 0]);
    },
  ),
  behaviour(
    "a writer on a transaction sets rows aside, and its failed flush leaves the transaction usable",
    async (db) => {
      await fillStars(db);
      let rejected = 0;
      await db.transaction(async (tx) => {
        await using writer = createWriter(tx, {
          onRejected: () => void rejected++,
        });
        writer.insert(Sighting, [{ star: 1n, night: 1, quality: 0.5 }]);
        writer.insert(Star, [...stars(3), { id: 1n, name: "taken" }], {
          onConflict: "error",
        });
        assert.equal((await writer.flush()).inserted, 4);
        const strict = createWriter(tx);
        strict.insert(Stamp, [{ id: 1 }]);
        strict.insert(Star, [{ id: 2n, name: "taken" }], {
          onConflict: "error",
        });
        await assert.rejects(strict.flush(), DuplicateKeyError);
        await tx.query(Stamp).bulkInsert([{ id: 7 }]);
      });
      assert.equal(rejected, 1);
      assert.deepEqual(await counts(db), [8, 1, 1]);
    },
  ),
];
