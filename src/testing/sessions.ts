import assert from "node:assert/strict";
import {
  QueryError,
  SessionError,
  StaleRowError,
  ValidationError,
} from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star, type StarRow } from "./models.ts";
import { fillStars } from "./stars.ts";

async function star(db: Connection, id: bigint): Promise<StarRow> {
  const row = await db.query(Star).findOne({ filterBy: { id } });
  assert.ok(row);
  return row;
}

/** Sessions: changes to rows that are written at commit. */
export const sessions: readonly Behaviour[] = [
  behaviour(
    "update changes the row at once and the database at commit",
    async (db) => {
      await fillStars(db);
      const row = await star(db, 2n);
      assert.equal(db.query(Star).update(row, { mag: 1 }), row);
      assert.equal(row.mag, 1);
      assert.equal((await star(db, 2n)).mag, 6.5);
      db.query().update(row, { visits: 8 });
      assert.deepEqual(await db.session.commit(), { updated: 1, deleted: 0 });
      const { mag, visits, name } = await star(db, 2n);
      assert.deepEqual([mag, visits, name], [1, 8, "Mira"]);
      assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 0 });
    },
  ),
  behaviour(
    "delete removes the row from the database at commit",
    async (db) => {
      await fillStars(db);
      db.query(Star).delete(await star(db, 2n));
      db.query().delete(await star(db, 3n));
      assert.equal(await db.query(Star).count(), 5);
      assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 2 });
      assert.equal(await db.query(Star).count(), 3);
    },
  ),
  behaviour("rollback restores the values of the rows", async (db) => {
    await fillStars(db);
    const row = await star(db, 2n);
    db.query(Star).update(row, { mag: 1 });
    db.query(Star).update(row, { mag: 2, name: "x" });
    db.session.rollback();
    assert.deepEqual([row.mag, row.name], [6.5, "Mira"]);
    assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 0 });
  }),
  behaviour("a commit writes rows of several models together", async (db) => {
    await fillStars(db);
    await db.query(Sighting).bulkInsert([{ star: 1n, night: 1, quality: 0 }]);
    const sighting = await db.query(Sighting).first();
    assert.ok(sighting);
    db.query(Sighting).update(sighting, { quality: 1 });
    db.query(Star).update(await star(db, 1n), { visits: 4 });
    db.query(Star).update(await star(db, 2n), { mag: null, labels: ["x"] });
    assert.deepEqual(await db.session.commit(), { updated: 3, deleted: 0 });
    assert.equal((await db.query(Sighting).first())?.quality, 1);
    assert.deepEqual((await star(db, 2n)).labels, ["x"]);
  }),
  behaviour("update can change a primary key", async (db) => {
    await fillStars(db);
    const row = await star(db, 2n);
    db.query(Star).update(row, { id: 200n });
    await db.session.commit();
    db.query(Star).update(row, { mag: 3 });
    await db.session.commit();
    assert.equal((await star(db, 200n)).mag, 3);
    assert.equal(await db.query(Star).count(), 5);
  }),
  behaviour(
    "if an updated row was deleted from the database, the whole commit fails, and its changes stay pending",
    async (db) => {
      await fillStars(db);
      const [missing, existing] = [await star(db, 2n), await star(db, 3n)];
      db.query(Star).update(existing, { mag: 1 });
      db.query(Star).update(missing, { mag: 1 });
      await db.query(Star).deleteAll({ filterBy: { id: 2n } });
      await assert.rejects(db.session.commit(), (error) => {
        assert.ok(error instanceof StaleRowError);
        assert.deepEqual(error.rows, [missing]);
        assert.match(error.message, /<Star\(id=2\)>/);
        return true;
      });
      assert.equal((await star(db, 3n)).mag, 2.12);
      await db.query(Star).bulkInsert([{ id: 2n, name: "Mira" }]);
      assert.deepEqual(await db.session.commit(), { updated: 2, deleted: 0 });
    },
  ),
  behaviour(
    "if a row to delete was deleted from the database, the commit fails",
    async (db) => {
      await fillStars(db);
      const [existing, missing] = [await star(db, 3n), await star(db, 2n)];
      db.query(Star).delete(existing);
      db.query(Star).delete(missing);
      await db.query(Star).deleteAll({ filterBy: { id: 2n } });
      await assert.rejects(
        db.session.commit(),
        (error) => error instanceof StaleRowError && error.rows[0] === missing,
      );
      assert.equal(await db.query(Star).count(), 4);
      db.session.rollback();
    },
  ),
  behaviour(
    "update with an unknown or invalid attribute throws, and changes nothing",
    async (db) => {
      await fillStars(db);
      const row = await star(db, 2n);
      const [unknown, wrong]: object[] = [{ mag: 1, magg: 1 }, {
        mag: 1,
        visits: "x",
      }];
      assert.throws(
        () => db.query(Star).update(row, unknown ?? {}),
        (error) => error instanceof QueryError && error.nearest === "mag",
      );
      assert.throws(
        () => db.query(Star).update(row, wrong ?? {}),
        ValidationError,
      );
      assert.equal(row.mag, 6.5);
      assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 0 });
    },
  ),
  behaviour(
    "update of a row that no query returned needs the model",
    async (db) => {
      await fillStars(db);
      const own = { ...await star(db, 2n) };
      assert.throws(() => db.query().update(own, { mag: 1 }), QueryError);
      db.query(Star).update(own, { mag: 1 });
      await db.session.commit();
      assert.equal((await star(db, 2n)).mag, 1);
      const keyless: object = { mag: 1 };
      assert.throws(
        () => db.query(Star).update(keyless as StarRow, { mag: 2 }),
        /it has no id/,
      );
    },
  ),
  behaviour("without a session, update throws SessionError", async (db) => {
    await fillStars(db);
    const row = await star(db, 2n);
    db.endSession();
    db.endSession();
    assert.throws(() => db.session, SessionError);
    assert.throws(() => db.query(Star).update(row, { mag: 1 }), SessionError);
    assert.equal(row.mag, 6.5);
    db.createSession();
    db.query(Star).update(row, { mag: 1 });
    assert.equal((await db.session.commit()).updated, 1);
  }),
  behaviour("a removed session cannot commit", async (db) => {
    const { session } = db;
    session.remove();
    await assert.rejects(session.commit(), SessionError);
    db.createSession();
  }),
  behaviour(
    "changes during a commit are written by the next commit",
    async (db) => {
      await fillStars(db);
      const row = await star(db, 2n);
      db.query(Star).update(row, { mag: 1 });
      const committing = db.session.commit();
      db.query(Star).update(row, { visits: 1 });
      assert.equal((await committing).updated, 1);
      assert.equal((await db.session.commit()).updated, 1);
      const { mag, visits } = await star(db, 2n);
      assert.deepEqual([mag, visits], [1, 1]);
    },
  ),
  behaviour(
    "of several changes to copies of one row, the later change wins",
    async (db) => {
      await fillStars(db);
      const ids = [2n, 3n, 2n, 2n, 1n];
      const rows = await Promise.all(ids.map((id) => star(db, id)));
      const changes = [
        { mag: 1, visits: 1 },
        { mag: 2 },
        { mag: 3 },
        { mag: 4 },
        { visits: 5 },
      ];
      for (const [index, row] of rows.entries()) {
        db.query(Star).update(row, changes[index] ?? {});
      }
      assert.equal((await db.session.commit()).updated, 5);
      const after = await star(db, 2n);
      assert.deepEqual([after.mag, after.visits], [4, 1]);
      for (const row of rows) db.query(Star).delete(row);
      await db.session.commit();
      assert.equal(await db.query(Star).count(), 2);
    },
  ),
  behaviour(
    "rollback removes a field that was not selected",
    async (db) => {
      await fillStars(db);
      const [row] = await db.query(Star).findAll({
        filterBy: { id: 2n },
        select: ["id", "name"],
      });
      assert.ok(row);
      const attributes: object = { mag: 1 };
      db.query().update(row, attributes);
      assert.deepEqual({ ...row }, { id: 2n, name: "Mira", mag: 1 });
      db.session.rollback();
      assert.deepEqual({ ...row }, { id: 2n, name: "Mira" });
    },
  ),
];
