import assert from "node:assert/strict";
import {
  DbPluginsError,
  QueryError,
  SerializationError,
  TransactionError,
} from "../base/errors/mod.ts";
import { pause } from "../base/pause.ts";
import { createWriter } from "../writer/writer.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star } from "./models.ts";
import { fillStars } from "./stars.ts";
import { counts, NOTHING, stars } from "./writer_rows.ts";

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
    "a writer copies the options of a call",
    async (db) => {
      await fillStars(db);
      await using writer = createWriter(db);
      const merge: { mag: "least" | "replace" } = { mag: "least" };
      const names: ("visits" | "status")[] = ["visits"];
      writer.upsert(Star, [{ id: 1n, mag: 9 }], { merge });
      writer.upsert(Star, [{ id: 2n, visits: 9, status: "x" }], {
        update: names,
      });
      merge.mag = "replace";
      names.push("status");
      await writer.flush();
      assert.equal(
        await db.query(Star).count({ filterBy: { status: "x" } }),
        0,
      );
      const rows = await db.query(Star).findAll({
        filterBy: { id: [1n, 2n] },
        orderBy: { id: "asc" },
      });
      assert.deepEqual(
        rows.map(({ mag, visits }) => [mag, visits]),
        [[2.12, 3], [6.5, 9]],
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
    "a writer on a transaction repeats nothing",
    async (db) => {
      let inserts = 0;
      const view = db.use((statement, next) => {
        if (statement.kind !== "insert") return next(statement);
        inserts++;
        throw new SerializationError("a conflict");
      });
      const running = view.transaction(async (tx) => {
        await using writer = createWriter(tx);
        writer.insert(Star, stars(1));
        await writer.flush();
      }, { retries: 0 });
      await assert.rejects(running, SerializationError);
      assert.equal(inserts, 1);
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
