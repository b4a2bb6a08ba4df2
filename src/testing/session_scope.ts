import assert from "node:assert/strict";
import { SessionError } from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarRow } from "./models.ts";
import { fillStars } from "./stars.ts";

async function star(db: Connection, id: bigint): Promise<StarRow> {
  const row = await db.query(Star).findOne({ filterBy: { id } });
  assert.ok(row);
  return row;
}

/** Which code shares a session. */
export const sessionScope: readonly Behaviour[] = [
  behaviour(
    "concurrent calls of withSession have separate sessions",
    async (db) => {
      await fillStars(db);
      const outer = db.session;
      const counts = await Promise.all(
        [1n, 2n, 3n].map((id) =>
          db.withSession(async (session) => {
            assert.equal(db.session, session);
            assert.notEqual(session, outer);
            db.query(Star).update(await star(db, id), { mag: Number(id) });
            await Promise.resolve();
            return (await db.session.commit()).updated;
          })
        ),
      );
      assert.deepEqual(counts, [1, 1, 1]);
      assert.equal(db.session, outer);
    },
  ),
  behaviour(
    "withSession discards uncommitted changes, and restores the values of its rows if it fails",
    async (db) => {
      await fillStars(db);
      const row = await star(db, 2n);
      await assert.rejects(
        db.withSession(() => {
          db.query(Star).update(row, { mag: 1 });
          return Promise.reject(new Error("no"));
        }),
        /no/,
      );
      assert.equal(row.mag, 6.5);
      assert.deepEqual(await db.session.commit(), { updated: 0, deleted: 0 });
    },
  ),
  behaviour("scoped sessions belong to the value of scopeFunc", async (db) => {
    await fillStars(db);
    let scope = "a";
    db.createSession({ useScoped: true, scopeFunc: () => scope });
    const first = db.session;
    db.query(Star).update(await star(db, 2n), { mag: 1 });
    scope = "b";
    assert.notEqual(db.session, first);
    assert.equal((await db.session.commit()).updated, 0);
    scope = "a";
    assert.equal(db.session, first);
    assert.equal((await db.session.commit()).updated, 1);
    db.endSession();
    assert.notEqual(db.session, first);
    db.createSession();
  }),
  behaviour(
    "scoped sessions without scopeFunc exist only inside withSession",
    async (db) => {
      db.createSession({ useScoped: true });
      assert.throws(() => db.session, SessionError);
      await db.withSession((session) =>
        Promise.resolve(assert.equal(db.session, session))
      );
      db.createSession();
    },
  ),
  behaviour(
    "two sessions write different fields of one row without loss",
    async (db) => {
      await fillStars(db);
      const [left, right] = [await star(db, 2n), await star(db, 2n)];
      await Promise.all([
        db.withSession(async (session) => {
          db.query(Star).update(left, { mag: 1 });
          await session.commit();
        }),
        db.withSession(async (session) => {
          db.query(Star).update(right, { visits: 1 });
          await session.commit();
        }),
      ]);
      const { mag, visits } = await star(db, 2n);
      assert.deepEqual([mag, visits], [1, 1]);
    },
  ),
  behaviour(
    "createSession replaces the session of its own scope only",
    async (db) => {
      await fillStars(db);
      let scope = "a";
      const options = { useScoped: true, scopeFunc: () => scope };
      const first = db.createSession(options);
      db.query(Star).update(await star(db, 2n), { mag: 1 });
      scope = "b";
      const other = db.createSession(options);
      db.query(Star).update(await star(db, 3n), { mag: 1 });
      scope = "a";
      const second = db.createSession(options);
      assert.equal(db.session, second);
      assert.deepEqual(await second.commit(), { updated: 0, deleted: 0 });
      await assert.rejects(first.commit(), SessionError);
      scope = "b";
      assert.equal(db.session, other);
      assert.equal((await other.commit()).updated, 1);
      db.endSession();
      db.endSession();
      const plain = db.createSession();
      await assert.rejects(second.commit(), SessionError);
      assert.equal(db.session, plain);
    },
  ),
];
