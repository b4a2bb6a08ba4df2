import assert from "node:assert/strict";
import {
  DbPluginsError,
  DuplicateKeyError,
  QueryError,
  TimeoutError,
  TransactionError,
  ValidationError,
} from "../base/errors/mod.ts";
import { pause } from "../base/pause.ts";
import type { Connection } from "../connection/connection.ts";
import type { RejectedRow } from "../writer/types.ts";
import { createWriter } from "../writer/writer.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star, type StarInsert } from "./models.ts";
import { fillStars } from "./stars.ts";

const NOTHING = { inserted: 0, updated: 0, ignored: 0, rejected: 0 };

/** Stars with different keys and names. */
function stars(count: number, first = 100): StarInsert[] {
  return Array.from({ length: count }, (_, index) => ({
    id: BigInt(first + index),
    name: `w${first + index}`,
    visits: index,
  }));
}

/** The numbers of stored stars, sightings and stamps. */
async function counts(db: Pick<Connection, "query">): Promise<number[]> {
  return await Promise.all([
    db.query(Star).count(),
    db.query(Sighting).count(),
    db.query(Stamp).count(),
  ]);
}

/** Waits until a condition holds, for a few seconds. */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 500; tries++) await pause(10);
  assert.ok(condition());
}

/** `createWriter`. */
export const writer: readonly Behaviour[] = [
  behaviour(
    "a flush writes the rows of all tables, and counts what became of each",
    async (db) => {
      await fillStars(db);
      await using writer = createWriter(db);
      writer.insert(Sighting, [{ star: 1n, night: 1, quality: 0.5 }]);
      writer.upsert(Star, [
        { id: 1n, mag: 9 },
        { id: 2n, mag: 6.5 },
        ...stars(3),
      ]);
      writer.insert(Star, [{ id: 1n, name: "x" }]);
      writer.insert(Sighting, [{ star: 1n, night: 2, quality: 1 }]);
      assert.deepEqual(await counts(db), [5, 0, 0]);
      assert.deepEqual(await writer.flush(), {
        inserted: 5,
        updated: 1,
        ignored: 2,
        rejected: 0,
      });
      assert.deepEqual(await counts(db), [8, 2, 0]);
      assert.deepEqual(await writer.flush(), NOTHING);
      writer.upsert(Star, stars(1, 200));
      assert.deepEqual(await writer.flush(), { ...NOTHING, inserted: 1 });
      assert.deepEqual(writer.stats, {
        flushes: 2,
        rows: 9,
        rejected: 0,
        retries: 0,
      });
    },
  ),
  behaviour(
    "calls on one table apply in their order",
    async (db) => {
      await using writer = createWriter(db);
      writer.insert(Star, stars(1));
      writer.upsert(Star, [{ id: 100n, visits: 7 }]);
      writer.upsert(Star, [{ id: 100n, visits: 8, mag: 1 }], {
        update: ["mag"],
      });
      await writer.flush();
      const row = await db.query(Star).findOne({ filterBy: { id: 100n } });
      assert.deepEqual([row?.visits, row?.mag], [7, 1]);
    },
  ),
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
        onRejected: (row) => void rejected.push(row),
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
      await using writer = createWriter(db, { maxMilliseconds: 5 });
      for (const call of [() => writer.flush(), () => writer.ready]) {
        writer.insert(Star, [{ id: 1n, name: "x", mag: NaN }]);
        await pause(60);
        writer.insert(Star, stars(1)); // dropped too: the next call reports it
        await assert.rejects(call, ValidationError);
        await writer.ready;
        assert.deepEqual(await writer.flush(), NOTHING);
      }
      assert.deepEqual(await counts(db), [0, 0, 0]);
      const failing = createWriter(db, { maxMilliseconds: 5 });
      failing.insert(Star, [{ id: 1n, name: "x", mag: NaN }]);
      await pause(60);
      await assert.rejects(
        async () => await failing[Symbol.asyncDispose](),
        ValidationError,
      );
      await failing[Symbol.asyncDispose]();
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
  behaviour(
    "disposal writes the remaining rows, and later calls throw",
    async (db) => {
      const writer = createWriter(db);
      {
        await using disposed = writer;
        disposed.insert(Star, stars(3));
      }
      assert.deepEqual(await counts(db), [3, 0, 0]);
      await writer[Symbol.asyncDispose]();
      assert.throws(
        () => writer.insert(Star, stars(1)),
        (error) =>
          error instanceof TransactionError &&
          /disposed; is an await missing\?/.test(error.message),
      );
      assert.deepEqual(await writer.flush(), NOTHING);
    },
  ),
  behaviour(
    "a writer reads an array at once, and an async iterable to its end before it writes",
    async (db) => {
      await using writer = createWriter(db, {
        maxRows: 2,
        maxMilliseconds: 5,
      });
      const array = stars(1);
      writer.insert(Star, array);
      array.length = 0;
      writer.insert(Star, new Set(stars(1, 200)));
      const { promise, resolve } = Promise.withResolvers<void>();
      writer.insert(
        Star,
        async function* () {
          yield* stars(1, 300);
          await promise;
          yield* stars(1, 400);
        }(),
      );
      await pause(40);
      assert.deepEqual(await counts(db), [0, 0, 0]);
      resolve();
      assert.equal((await writer.flush()).inserted, 4);
    },
  ),
  behaviour(
    "a source of rows that throws makes its flush fail, or its call if it is read at once",
    async (db) => {
      await using writer = createWriter(db, {
        onRejected: () => assert.fail("no row is refused"),
      });
      writer.insert(Sighting, [{ star: 1n, night: 1, quality: 0.5 }]);
      writer.insert(
        Star,
        async function* () {
          yield* stars(1);
          await pause(1);
          throw new RangeError("no");
        }(),
      );
      await assert.rejects(writer.flush(), /^RangeError: no$/);
      writer.insert(Sighting, [{ star: 1n, night: 1, quality: 0.5 }]);
      assert.throws(
        () =>
          writer.insert(
            Star,
            function* () {
              yield* stars(1);
              throw new RangeError("no");
            }(),
          ),
        /^RangeError: no$/,
      );
      assert.equal((await writer.flush()).inserted, 1);
      assert.deepEqual(await counts(db), [0, 1, 0]);
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
    "two writers on a connection write at the same time",
    async (db) => {
      await using one = createWriter(db, { maxRows: 50 });
      await using other = createWriter(db, { maxRows: 70 });
      for (let at = 0; at < 300; at += 10) {
        one.insert(Star, stars(10, at));
        other.upsert(Star, stars(10, at + 1_000));
        await Promise.all([one.ready, other.ready]);
      }
      await Promise.all([one.flush(), other.flush()]);
      assert.deepEqual(await counts(db), [600, 0, 0]);
    },
  ),
  behaviour(
    "a writer on a transaction writes with it, only when it is asked to",
    async (db) => {
      await db.transaction(async (tx) => {
        await using writer = createWriter(tx, {
          maxRows: 5,
          maxMilliseconds: 5,
        });
        writer.insert(Star, stars(8));
        await pause(30);
        assert.equal(await tx.query(Star).count(), 0);
        await writer.ready;
        assert.equal(await tx.query(Star).count(), 8);
        writer.insert(Sighting, [{ star: 1n, night: 1, quality: 0.5 }]);
      });
      assert.deepEqual(await counts(db), [8, 1, 0]);
      await assert.rejects(
        db.transaction(async (tx) => {
          await using writer = createWriter(tx);
          writer.insert(Star, stars(5, 200));
          assert.equal((await writer.flush()).inserted, 5);
          throw new RangeError("no");
        }),
        RangeError,
      );
      assert.deepEqual(await counts(db), [8, 1, 0]);
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
  behaviour(
    "a writer on a connection is not flushed inside a transaction of that connection",
    async (db) => {
      await using writer = createWriter(db, { maxMilliseconds: 5 });
      await db.transaction(async (tx) => {
        writer.insert(Star, stars(2));
        await assert.rejects(
          () => writer.flush(),
          (error) =>
            error instanceof TransactionError && /use tx/.test(error.message),
        );
        await tx.query(Stamp).bulkInsert([{ id: 1 }]);
      });
      assert.equal((await writer.flush()).inserted, 2);
      assert.deepEqual(await counts(db), [2, 0, 1]);
    },
  ),
  behaviour(
    "wrong arguments of a writer are refused at once, with the nearest name",
    async (db) => {
      await using writer = createWriter(db);
      // deno-lint-ignore no-explicit-any -- JavaScript calls without types
      const untyped = writer as any;
      const refused = (call: () => unknown, message: RegExp): void =>
        assert.throws(call, (error) => {
          assert.ok(error instanceof QueryError, String(error));
          assert.match(error.message, message);
          return true;
        });
      refused(() => untyped.insert(undefined, []), /without a model/);
      refused(() => untyped.insert(Star, { id: 1n }), /rows must be an array/);
      refused(
        () => untyped.insert(Star, [], { onConflit: "error" }),
        /Cannot call insert of a writer on star: it has no option onConflit; did you mean onConflict\?/,
      );
      refused(
        () => untyped.insert(Star, [], { onConflict: "erorr" }),
        /did you mean error\?/,
      );
      refused(
        () => untyped.upsert(Star, [], { conflict: ["nme"] }),
        /did you mean name\?/,
      );
      refused(
        () => untyped.upsert(Star, [], { timeout: 5 }),
        /it has no option timeout/,
      );
      // deno-lint-ignore no-explicit-any -- JavaScript calls without types
      const create: any = createWriter;
      refused(() => create(db, { maxRow: 5 }), /did you mean maxRows\?/);
      refused(() => create(db, { maxRows: 0 }), /maxRows must be a whole/);
      refused(() => create(db, { retries: -1 }), /retries must be a whole/);
      refused(() => create(db, { maxMilliseconds: 0 }), /above 0/);
      refused(() => create(db, { onRejected: [] }), /must be a function/);
      refused(() => create(db, null), /the options must be an object/);
      refused(() => create(undefined), /pass a connection or a transaction/);
      assert.deepEqual(await writer.flush(), NOTHING);
    },
  ),
  behaviour(
    "a writer of a closed connection says so, and loses the rows with an error only",
    async (db) => {
      const writer = createWriter({
        query: (model) => db.query(model),
        transaction: () =>
          Promise.reject(new DbPluginsError("the connection is closed")),
        withSession: (fn) => db.withSession(fn),
      });
      writer.insert(Star, stars(1));
      await assert.rejects(
        async () => await writer[Symbol.asyncDispose](),
        /the connection is closed/,
      );
      await writer[Symbol.asyncDispose]();
    },
  ),
];
