import assert from "node:assert/strict";
import {
  SerializationError,
  TimeoutError,
  ValidationError,
} from "../base/errors/mod.ts";
import { pause } from "../base/pause.ts";
import type { WriterTarget } from "../writer/types.ts";
import { createWriter } from "../writer/writer.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star, type StarInsert } from "./models.ts";
import { counts, NOTHING, stars } from "./writer_rows.ts";

/** Waits until a condition holds, for a minute at most. */
async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition() && performance.now() < end) await pause(10);
  assert.ok(condition());
}

/** A connection that counts its transactions that failed. */
function watched(
  db: WriterTarget,
): { target: WriterTarget; failed: { transactions: number } } {
  const failed = { transactions: 0 };
  const target: WriterTarget = {
    query: (model) => db.query(model),
    transaction: async (fn, options) => {
      try {
        return await db.transaction(fn, options);
      } catch (error) {
        failed.transactions++;
        throw error;
      }
    },
    ...db.withSession && { withSession: db.withSession.bind(db) },
  };
  return { target, failed };
}

/** Flushes that begin by themselves, and their errors. */
export const writerBackground: readonly Behaviour[] = [
  behaviour(
    "a flush begins by itself at maxRows, with all rows of calls without an await between them",
    async (db) => {
      await using writer = createWriter(db, {
        maxRows: 10,
        maxMilliseconds: 60_000,
      });
      writer.insert(Star, stars(4));
      await pause(30);
      assert.deepEqual(await counts(db), [0, 0, 0]);
      writer.insert(Star, stars(8, 200));
      writer.insert(Sighting, [{ star: 1n, night: 1, quality: 0.5 }]);
      await until(() => writer.stats.flushes === 1);
      assert.deepEqual(await counts(db), [12, 1, 0]);
      assert.deepEqual(await writer.flush(), { ...NOTHING, inserted: 13 });
    },
  ),
  behaviour(
    "rows that arrive after their flush began do not count for the next one",
    async (db) => {
      await using writer = createWriter(db, {
        maxRows: 4,
        maxMilliseconds: 60_000,
      });
      const arrived = Promise.withResolvers<void>();
      writer.insert(
        Star,
        (async function* () {
          await arrived.promise;
          yield* stars(4);
        })(),
      );
      const flushed = writer.flush();
      arrived.resolve();
      assert.deepEqual(await flushed, { ...NOTHING, inserted: 4 });
      writer.insert(Star, stars(1, 200));
      await pause(30);
      assert.equal(writer.stats.flushes, 1);
      assert.deepEqual(await writer.flush(), { ...NOTHING, inserted: 1 });
    },
  ),
  behaviour(
    "a flush begins by itself when a row has waited for maxMilliseconds",
    async (db) => {
      await using writer = createWriter(db, { maxMilliseconds: 30 });
      writer.insert(Star, stars(2));
      await until(() => writer.stats.flushes === 1);
      assert.deepEqual(await counts(db), [2, 0, 0]);
      writer.insert(Star, stars(2, 200));
      await until(() => writer.stats.flushes === 2);
      assert.deepEqual(await counts(db), [4, 0, 0]);
    },
  ),
  behaviour(
    "a flush that begins by itself is not part of the transaction in which its rows were handed over",
    async (db) => {
      await using writer = createWriter(db, {
        maxRows: 5,
        maxMilliseconds: 60_000,
      });
      const failure = new Error("undo");
      await assert.rejects(
        db.transaction(async (tx) => {
          writer.insert(Star, stars(5));
          await tx.query(Star).count();
          throw failure;
        }),
        failure,
      );
      await until(() => writer.stats.flushes === 1);
      assert.deepEqual(await counts(db), [5, 0, 0]);
    },
  ),
  behaviour(
    "ready waits while maxRows rows wait behind a flush",
    async (db) => {
      await using writer = createWriter(db, { maxRows: 20 });
      await writer.ready;
      for (let at = 0; at < 200; at += 20) {
        writer.insert(Star, stars(20, at));
        await writer.ready;
        // One flush runs, and at most one is full.
        assert.ok(at + 20 - writer.stats.rows <= 40);
      }
      assert.equal((await writer.flush()).inserted, 200);
      assert.deepEqual(await counts(db), [200, 0, 0]);
    },
  ),
  behaviour(
    "a flush that failed in the background is reported once, by the next call",
    async (db) => {
      const { target, failed } = watched(db);
      await using writer = createWriter(target, { maxMilliseconds: 5 });
      for (
        const [at, call] of [() => writer.flush(), () => writer.ready].entries()
      ) {
        writer.insert(Star, [{ id: 1n, name: "x", mag: NaN }]);
        await until(() => failed.transactions > at);
        writer.insert(Star, stars(1)); // dropped too: the next call reports it
        await assert.rejects(call, ValidationError);
        await writer.ready;
        assert.deepEqual(await writer.flush(), NOTHING);
      }
      assert.deepEqual(await counts(db), [0, 0, 0]);
      const failing = createWriter(target, { maxMilliseconds: 5 });
      failing.insert(Star, [{ id: 1n, name: "x", mag: NaN }]);
      await until(() => failed.transactions > 2);
      await assert.rejects(
        async () => await failing[Symbol.asyncDispose](),
        ValidationError,
      );
      await failing[Symbol.asyncDispose]();
    },
  ),
  behaviour(
    "a flush that always fails ends after its retries, and the writer goes on",
    async (db) => {
      const { target, failed } = watched({
        query: (model) => db.query(model),
        transaction: () => {
          throw new SerializationError("the rows keep changing");
        },
        withSession: (fn) => db.withSession(fn),
      });
      await using writer = createWriter(target, {
        retries: 2,
        maxRows: 2,
        maxMilliseconds: 60_000,
      });
      for (let round = 1; round <= 2; round++) {
        writer.insert(Star, stars(5));
        await assert.rejects(() => writer.flush(), SerializationError);
        assert.deepEqual(writer.stats, {
          flushes: 0,
          rows: 0,
          rejected: 0,
          retries: 2 * round,
        });
        assert.equal(failed.transactions, 3 * round);
        // Its rows are dropped, so that later ones have room.
        await writer.ready;
        assert.deepEqual(await writer.flush(), NOTHING);
      }
      assert.deepEqual(await counts(db), [0, 0, 0]);
    },
  ),
  behaviour(
    "all flushes that wait are rejected together",
    async (db) => {
      await using writer = createWriter(db);
      writer.insert(Star, [{ id: 1n, name: "x", mag: NaN }]);
      const one = writer.flush();
      writer.insert(Star, stars(1));
      const results = await Promise.allSettled([one, writer.flush()]);
      assert.deepEqual(results.map(({ status }) => status), [
        "rejected",
        "rejected",
      ]);
      assert.deepEqual(await counts(db), [0, 0, 0]);
      assert.deepEqual(await writer.flush(), NOTHING);
    },
  ),
  behaviour(
    "a limit of flush ends the wait, and the next call reports the flush",
    async (db) => {
      await using writer = createWriter(db);
      const { promise, resolve } = Promise.withResolvers<void>();
      async function* slow(...rows: StarInsert[]) {
        await promise;
        yield* rows;
      }
      writer.insert(Star, slow(...stars(2)));
      await assert.rejects(writer.flush({ timeout: 20 }), TimeoutError);
      const signal = AbortSignal.abort(new RangeError("gone"));
      await assert.rejects(writer.flush({ signal }), /^RangeError: gone$/);
      resolve();
      assert.equal((await writer.flush()).inserted, 2);
      const bad = Promise.withResolvers<void>();
      writer.insert(
        Star,
        async function* () {
          await bad.promise;
          yield { id: 1n, name: "x", mag: NaN };
        }(),
      );
      await assert.rejects(writer.flush({ timeout: 20 }), TimeoutError);
      bad.resolve();
      await assert.rejects(writer.flush(), ValidationError);
      assert.deepEqual(await writer.flush(), NOTHING);
      await assert.rejects(
        writer.flush({ timeuot: 5 } as object),
        /did you mean timeout\?/,
      );
    },
  ),
];
