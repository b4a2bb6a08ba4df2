// Versions of rows on a server without transactions.
import { DuplicateKeyError, StaleRowError } from "@alerce/db-plugins";
import { Job, Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { failure, stars } from "../../support/mongo_stars.ts";
import { standaloneTest } from "../../support/mongo_standalone.ts";

standaloneTest(
  "without transactions, insertGraph that fails halfway lists the rows that stay",
  [Star, Sighting],
  async (db) => {
    const error = await failure(
      db.query(Star).insertGraph({
        id: 1n,
        name: "Mira",
        sightings: [
          { night: 1, quality: 1 },
          { night: 1, quality: 0.5 },
          { night: 2, quality: 1 },
        ],
      }),
    );
    assert.ok(error instanceof DuplicateKeyError);
    assert.deepEqual(error.partly?.written, [
      { id: 1n },
      { star: 1n, night: 1 },
    ]);
    assert.equal(error.outcome, "unknown");
    assert.match(
      error.message,
      /2 rows were written and stay.*\. Delete the written rows before you run the call again$/,
    );
    assert.equal(await db.query(Sighting).count(), 1);
  },
);

standaloneTest(
  "without transactions, a commit with a stale row writes nothing",
  [Job, Star],
  async (db) => {
    const jobs = db.query(Job);
    await jobs.bulkInsert([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await db.query(Star).bulkInsert(stars(0, 1));
    const [one, two, three] = await jobs.findAll({ orderBy: { id: "asc" } });
    const star = await db.query(Star).first();
    assert.ok(one && two && three && star);
    await jobs.updateAll({ filterBy: { id: 3 }, set: { state: "other" } });
    db.query(Star).update(star, { mag: 1 });
    jobs.update(one, { state: "a" });
    jobs.update(two, { attempts: 1 });
    jobs.delete(three);
    const error = await failure(db.session.commit());
    assert.ok(error instanceof StaleRowError);
    assert.deepEqual(error.rows, [three]);
    assert.equal((await db.query(Star).first())?.mag, null);
    assert.equal(await jobs.count({ filterBy: { state: "a" } }), 0);
    const rows = [{ id: 1, version: 1, state: "b" }, {
      id: 3,
      version: 1,
      state: "b",
    }];
    assert.ok(await failure(jobs.bulkUpdate(rows)) instanceof StaleRowError);
    assert.equal(await jobs.count({ filterBy: { state: "b" } }), 0);
    db.session.rollback();
    jobs.update(one, { state: "a" });
    jobs.update(two, { attempts: 1 });
    assert.deepEqual(await db.session.commit(), { updated: 2, deleted: 0 });
    assert.deepEqual([one.version, two.version], [2, 2]);
  },
);

standaloneTest(
  "without transactions, two changes of a row with one version write nothing",
  [Job],
  async (db) => {
    const jobs = db.query(Job);
    await jobs.bulkInsert([{ id: 1 }, { id: 2 }]);
    const calls: readonly (() => Promise<unknown>)[] = [
      () =>
        jobs.bulkUpdate([
          { id: 2, version: 1, state: "a" },
          { id: 1, version: 1, state: "a" },
          { id: 1, version: 1, state: "b" },
        ]),
      () =>
        jobs.bulkUpdate([
          { id: 1, state: "a" },
          { id: 1, version: 1, state: "b" },
        ]),
      async () => {
        const [one, two] = await jobs.findAll({ orderBy: { id: "asc" } });
        const again = await jobs.findOne({ filterBy: { id: 1 } });
        assert.ok(one && two && again);
        jobs.update(two, { state: "a" });
        jobs.update(one, { state: "a" });
        jobs.update(again, { attempts: 1 });
        return await db.session.commit();
      },
      async () => {
        const one = await jobs.findOne({ filterBy: { id: 1 } });
        const again = await jobs.findOne({ filterBy: { id: 1 } });
        assert.ok(one && again);
        jobs.update(one, { state: "a" });
        jobs.delete(again);
        return await db.session.commit();
      },
    ];
    for (const call of calls) {
      const error = await failure(call());
      assert.ok(error instanceof StaleRowError);
      assert.equal(error.partly, undefined);
      assert.match(error.message, /<Job\(id=1\)>/);
      db.session.rollback();
      const rows = await jobs.findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(rows.map((row) => [row.version, row.state]), [
        [1, null],
        [1, null],
      ]);
    }
  },
);
