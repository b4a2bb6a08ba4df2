import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import {
  QueryError,
  StaleRowError,
  ValidationError,
} from "../base/errors/mod.ts";
import { greatest, increment } from "../query/write/expressions.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Job, type JobRow } from "./models.ts";

/** Versions of rows, which detect that a row changed since it was read. */
export const versions: readonly Behaviour[] = [
  behaviour(
    "a version starts at its default, and every update raises it by 1",
    async (db) => {
      const jobs = db.query(Job);
      const first = await jobs.insert({ id: 1 });
      assert.equal(first.version, 1);
      await jobs.bulkInsert([{ id: 2, version: 7 }, { id: 3 }]);
      assert.deepEqual(await state(db), [[1, 1, null], [2, 7, null], [
        3,
        1,
        null,
      ]]);
      await jobs.updateAll({ filterBy: { id: [1, 2] }, set: { state: "a" } });
      await jobs.bulkUpdate([
        { id: 1, state: "b" },
        { id: 2, state: "b", version: 8 },
      ]);
      await jobs.bulkUpdate([[{ id: 3 }, { attempts: 1 }]]);
      assert.deepEqual(await state(db), [[1, 3, "b"], [2, 9, "b"], [
        3,
        2,
        null,
      ]]);
      await jobs.getOrCreate({ filterBy: { id: 3 }, state: "c" });
      const [created] = await jobs.getOrCreate({ filterBy: { id: 4 } });
      assert.equal(created.version, 1);
      assert.equal((await state(db))[2]?.[1], 2);
    },
  ),
  behaviour(
    "a commit raises the versions of its instances, and can be repeated",
    async (db) => {
      await db.query(Job).bulkInsert([{ id: 1 }, { id: 2 }]);
      const [one, two] = await rows(db);
      assert.ok(one && two);
      for (const text of ["a", "b"]) {
        db.query(Job).update(one, { state: text });
        db.query(Job).update(two, { state: text, attempts: increment(1) });
        assert.deepEqual(await db.session.commit(), { updated: 2, deleted: 0 });
      }
      assert.deepEqual([one.version, two.version], [3, 3]);
      await db.transaction((tx) => {
        tx.query(Job).update(one, { state: "c" });
        return Promise.resolve();
      });
      assert.equal(one.version, 4);
      await assert.rejects(
        db.transaction(async (tx) => {
          tx.query(Job).update(one, { state: "d" });
          await Promise.reject(new Error("undo"));
        }),
        /undo/,
      );
      assert.deepEqual([one.version, one.state], [4, "c"]);
      db.query(Job).delete(one);
      assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 1 });
      assert.deepEqual(await state(db), [[2, 3, "b"]]);
    },
  ),
  behaviour(
    "a row that changed since it was read is a StaleRowError, and the commit writes nothing",
    async (db) => {
      const jobs = db.query(Job);
      await jobs.bulkInsert([{ id: 1 }, { id: 2 }, { id: 3 }]);
      const [one, two, three] = await rows(db);
      assert.ok(one && two && three);
      await jobs.updateAll({ filterBy: { id: 2 }, set: { state: "other" } });
      const before = await state(db);
      jobs.update(one, { state: "mine" });
      jobs.update(two, { state: "mine" });
      jobs.update(three, { attempts: 1 });
      const isStale = (error: unknown): boolean =>
        error instanceof StaleRowError && error.rows.length === 1 &&
        error.rows[0] === two && error.outcome === "not applied" &&
        /^Cannot commit: since they were read, other writers changed or deleted <Job\(id=2\)>\. Nothing was written; the session keeps its marks$/
          .test(error.message);
      await assert.rejects(db.session.commit(), isStale);
      assert.deepEqual(await state(db), before);
      assert.deepEqual([one.version, two.version], [1, 1]);
      await assert.rejects(db.session.commit(), isStale);
      db.session.rollback();
      jobs.delete(two);
      await assert.rejects(db.session.commit(), isStale);
      db.session.rollback();
      assert.deepEqual(await state(db), before);
      await jobs.deleteAll({ filterBy: { id: 3 } });
      jobs.update(three, { state: "gone" });
      await assert.rejects(
        db.session.commit(),
        (error) => error instanceof StaleRowError && error.rows[0] === three,
      );
      db.session.rollback();
      const again = (await rows(db))[0];
      assert.ok(again);
      jobs.update(one, { state: "first" });
      jobs.update(again, { attempts: 5 });
      await assert.rejects(
        db.session.commit(),
        (error) => error instanceof StaleRowError,
        "two instances of one row",
      );
      db.session.rollback();
      assert.deepEqual((await state(db))[0], [1, 1, null]);
    },
  ),
  behaviour(
    "bulkUpdate compares the versions of rows that have one, and writes nothing if one differs",
    async (db) => {
      const jobs = db.query(Job);
      await jobs.bulkInsert([{ id: 1 }, { id: 2 }, { id: 3, version: 5 }]);
      const before = await state(db);
      await assert.rejects(
        jobs.bulkUpdate([
          { id: 1, version: 1, state: "a" },
          { id: 2, state: "a" },
          { id: 3, version: 4, state: "a" },
          { id: 9, version: 1, state: "a" },
        ]),
        (error) =>
          error instanceof StaleRowError && error.rows.length === 1 &&
          String(error.rows[0]) === "<Job(id=3)>" &&
          error.outcome === "not applied" &&
          /^Cannot update: since they were read, .* <Job\(id=3\)>\. No row was written$/
            .test(error.message),
      );
      assert.deepEqual(await state(db), before);
      assert.deepEqual(
        await jobs.bulkUpdate([
          { id: 1, version: 1, state: "a" },
          { id: 9, version: 1, state: "a" },
          { id: 3, version: 5, attempts: increment(1) },
        ]),
        { updated: 2, missing: 1 },
      );
      assert.deepEqual(await state(db), [[1, 2, "a"], [2, 1, null], [
        3,
        6,
        null,
      ]]);
      const read = await rows(db);
      const changed = read.map((row) => ({ ...row, state: "b" }));
      assert.equal((await jobs.bulkUpdate(changed)).updated, 3);
      await assert.rejects(jobs.bulkUpdate(changed), StaleRowError);
    },
  ),
  behaviour(
    "a version cannot be set, and an upsert of such rows is refused",
    async (db) => {
      const jobs = db.query(Job);
      await jobs.insert({ id: 1 });
      const [row] = await rows(db);
      assert.ok(row);
      const refused = (error: unknown): boolean =>
        error instanceof QueryError && error.field === "version" &&
        /version/.test(error.message);
      await assert.rejects(
        jobs.updateAll({ filterBy: {}, set: { version: 5 } }),
        refused,
      );
      await assert.rejects(
        jobs.bulkUpdate([[{ id: 1 }, { version: 5 }]]),
        refused,
      );
      assert.throws(() => jobs.update(row, { version: 5 }), refused);
      for (const version of [increment(1), greatest(1)]) {
        const change: object = { version };
        await assert.rejects(
          jobs.updateAll({ filterBy: {}, set: change }),
          refused,
        );
        assert.throws(() => jobs.update(row, change), refused);
        await assert.rejects(
          jobs.bulkUpdate([{ id: 1, state: "a", ...change }]),
          (error) =>
            error instanceof ValidationError &&
            /version cannot be .*\(1\): it is the version of the row/
              .test(error.message),
        );
      }
      await assert.rejects(jobs.bulkUpsert([{ id: 1, state: "a" }]), refused);
      const plain: object = { id: 1, state: "a" };
      assert.throws(
        () => jobs.update(plain as JobRow, { state: "b" }),
        refused,
        "the version was not read",
      );
      assert.deepEqual(await state(db), [[1, 1, null]]);
    },
  ),
];

function rows(db: Connection): Promise<JobRow[]> {
  return db.query(Job).findAll({ orderBy: { id: "asc" } });
}

async function state(
  db: Connection,
): Promise<[id: number, version: number, state: string | null][]> {
  return (await rows(db)).map(({ id, version, state }) => [id, version, state]);
}
