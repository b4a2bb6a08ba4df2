// The scope of native SQL: outside transactions on the connection, inside one on its tx, and never after its end.
import { ConnectionError, TransactionError } from "@alerce/db-plugins";
import type { SqlQuery } from "@alerce/db-plugins/sql";
import { Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { native } from "../../support/natives.ts";

native(
  "Kysely's own transaction commits, and rolls back what fails",
  async (db) => {
    const put = (id: bigint, fails: boolean) =>
      db.kysely.transaction().setIsolationLevel("serializable").execute(
        async (trx) => {
          await trx.insertInto("sighting").values({
            star: id,
            night: 9,
            quality: 1,
          })
            .execute();
          if (fails) throw new Error("no");
        },
      );
    await put(7n, false);
    await assert.rejects(put(8n, true), /^Error: no$/);
    assert.deepEqual(
      (await db.query(Sighting).findAll({ filterBy: { night: 9 } })).map((
        { star },
      ) => star),
      [7n],
    );
  },
);

native(
  "a native select of a transaction sees its changes, and throws after its end",
  async (db) => {
    let kept: { execute(): Promise<unknown> } | undefined;
    await db.transaction(async (tx) => {
      await tx.query(Star).deleteAll({ filterBy: { id: 2n } });
      kept = tx.query(Star).kysely as { execute(): Promise<unknown[]> };
      assert.deepEqual((await kept.execute() as object[]).map(String), [
        "<Star(id=3)>",
      ]);
    });
    await assert.rejects(async () => await kept?.execute());
    assert.equal(await db.query(Star).count(), 1);
  },
);

native(
  "a transaction has the requested isolation level, and readOnly rejects writes",
  async (db) => {
    const level = sql<string>`current_setting('transaction_isolation')`;
    const levels = [
      "read committed",
      "repeatable read",
      "serializable",
    ] as const;
    for (const isolationLevel of levels) {
      for (const readOnly of [false, true]) {
        await db.transaction(async (tx) => {
          const select = tx.query(Star).kysely as SqlQuery<
            typeof Star
          >["kysely"];
          const [row] = await select.select(level.as("level")).limit(1)
            .execute();
          assert.equal(row?.level, isolationLevel);
          const writing = tx.transaction((inner) =>
            inner.query(Star).updateAll({ filterBy: {}, set: { visits: 1 } })
          );
          if (readOnly) await assert.rejects(writing, /read-only/);
          else assert.equal(await writing, 2);
        }, { isolationLevel, readOnly });
      }
    }
  },
);

native(
  "native access of a connection throws inside its own transaction",
  async (db) => {
    const { kysely } = db;
    const select = db.query(Star).kysely;
    const inserting = kysely.insertInto("sighting").values({
      star: 1n,
      night: 1,
      quality: 1,
    });
    await db.transaction(async (tx) => {
      for (
        const use of [
          () => db.sql`select 1`,
          () => db.kysely,
          () => db.query(Star).kysely,
          () => select.execute(),
          () => inserting.execute(),
          () => kysely.transaction().execute(() => Promise.resolve()),
        ]
      ) {
        await assert.rejects(
          async () => await use(),
          TransactionError,
          `${use}`,
        );
      }
      assert.equal(await tx.query(Sighting).count(), 2);
    });
    assert.equal(await db.query(Sighting).count(), 2);
  },
);

native("nothing native works once the connection is closed", async (db) => {
  const { kysely } = db;
  const select = db.query(Star).kysely;
  await db.dropDb();
  await db.close();
  for (
    const use of [
      () => db.sql`select 1`,
      () => db.kysely,
      () => select.execute(),
      () => kysely.selectFrom("star").selectAll().execute(),
    ]
  ) await assert.rejects(async () => await use(), ConnectionError, `${use}`);
});

native(
  "native SQL that a transaction does not await rolls the transaction back",
  async (db) => {
    const isUnawaited = (error: unknown): boolean =>
      error instanceof TransactionError &&
      /Await every call/.test(error.message);
    const ends: Promise<unknown>[] = [];
    const begin = (call: Promise<unknown>): void =>
      void ends.push(call.then(() => "ended", (error) => error));
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Star).deleteAll({ filterBy: {}, all: true });
        const select = tx.query(Star).kysely as SqlQuery<typeof Star>["kysely"];
        begin(select.execute());
      }),
      isUnawaited,
    );
    for (const count of [1, 3]) {
      await assert.rejects(
        db.kysely.transaction().execute((trx) => {
          for (let index = 0; index < count; index++) {
            begin(trx.deleteFrom("star").execute());
          }
          return Promise.resolve();
        }),
        isUnawaited,
      );
    }
    await Promise.all(ends);
    assert.equal(await db.query(Star).count(), 2);
    await db.kysely.transaction().execute(async (trx) => {
      await Promise.all([
        trx.deleteFrom("star").where("id", "=", 2n).execute(),
        trx.selectFrom("star").select("id").execute(),
      ]);
    });
    assert.equal(await db.query(Star).count(), 1);
  },
);

native(
  "native SQL that has not ended fails at once when its connection is closed",
  async (db) => {
    const begun = [
      db.sql`select pg_sleep(0.2)`,
      db.kysely.selectFrom("star").selectAll().execute(),
      db.query(Star).kysely.execute(),
      db.kysely.transaction().execute((trx) =>
        trx.selectFrom("star").selectAll().execute()
      ),
    ].map((call: Promise<unknown>) =>
      call.then(() => "ended", (error) => error)
    );
    await db.close();
    for (const error of await Promise.all(begun)) {
      assert.ok(error instanceof ConnectionError, String(error));
      assert.match(error.message, /was closed.*is an await missing\?/);
    }
  },
);
