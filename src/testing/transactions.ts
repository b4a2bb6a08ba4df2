import assert from "node:assert/strict";
import { TransactionError } from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

const VEGA = { id: 50n, name: "Vega" };

/** Rows of which several batches are sent before the last one, which is invalid, is read. */
function* longRows(fields: object) {
  for (let id = 100n; id < 150n; id++) {
    yield { id, name: `s${id}`, notes: "x".repeat(100_000), ...fields };
  }
  yield { id: 150n, name: "last", mag: "bright" as never };
}

/** Bulk writes of these rows. */
const FAILING_WRITES:
  readonly ((db: Pick<Connection, "query">) => Promise<unknown>)[] = [
    (db) => db.query(Star).bulkInsert(longRows({}) as never),
    (db) =>
      db.query(Star).bulkInsert([...longRows({})], { onConflict: "error" }),
    (db) => db.query(Star).bulkUpsert(longRows({})),
    (db) =>
      db.query(Star).bulkUpsert(
        [...longRows({})].map((row, index) =>
          index < 48 ? { ...row, visits: 1 } : row
        ),
      ),
    (db) =>
      db.query(Star).bulkUpsert(longRows({ visits: 1, kind: "O" }), {
        conflict: ["kind", "visits", "name"],
      }),
  ];

/** `transaction`. */
export const transactions: readonly Behaviour[] = [
  behaviour(
    "a transaction writes all of its changes, and returns the result of its function",
    async (db) => {
      const result = await db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert(STARS);
        await tx.query(Star).bulkUpsert([{ ...VEGA, mag: 0 }]);
        await tx.query(Star).updateAll({
          filterBy: { id: 1n },
          set: { visits: 9 },
        });
        await tx.query().deleteAll({ model: Star, filterBy: { id: 2n } });
        assert.equal(await tx.query(Star).count(), 5);
        return "done";
      });
      assert.equal(result, "done");
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "a transaction whose function throws writes nothing, and passes the error on",
    async (db) => {
      await fillStars(db);
      const failing = db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert([VEGA]);
        await tx.query(Star).bulkUpsert([{ id: 1n, mag: 99 }]);
        await tx.query(Star).getOrCreate({
          filterBy: { id: 51n },
          name: "Altair",
        });
        await tx.query(Star).deleteAll({ filterBy: { id: 2n } });
        throw new RangeError("no");
      });
      await assert.rejects(failing, RangeError);
      assert.equal(await db.query(Star).count(), 5);
      assert.equal(
        (await db.query(Star).findOne({ filterBy: { id: 1n } }))?.mag,
        2.12,
      );
    },
  ),
  behaviour(
    "an inner transaction can fail without the outer transaction",
    async (db) => {
      await db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert([VEGA]);
        await assert.rejects(tx.transaction(async (inner) => {
          await inner.query(Star).bulkInsert(STARS);
          await inner.query(Star).bulkInsert([VEGA], { onConflict: "error" });
        }));
        assert.equal(await tx.query(Star).count(), 1);
        await tx.transaction(async (inner) => {
          await inner.query(Star).bulkInsert([{ id: 51n, name: "Altair" }]);
        });
      });
      assert.equal(await db.query(Star).count(), 2);
    },
  ),
  behaviour(
    "rows updated on tx are written at its end, and restored if it fails",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: 2n } });
      assert.ok(row);
      await assert.rejects(db.transaction((tx) => {
        tx.query(Star).update(row, { mag: 1 });
        return Promise.reject(new Error("no"));
      }));
      assert.equal(row.mag, 6.5);
      await db.transaction((tx) => {
        tx.query(Star).update(row, { mag: 1 });
        return Promise.resolve();
      });
      assert.equal(
        (await db.query(Star).findOne({ filterBy: { id: 2n } }))?.mag,
        1,
      );
    },
  ),
  behaviour(
    "rows updated in an inner transaction are restored if the outer transaction fails",
    async (db) => {
      await fillStars(db);
      const [row, other] = await db.query(Star).findAll({
        filterBy: { id: [2n, 3n] },
        orderBy: { id: "asc" },
      });
      assert.ok(row && other);
      await assert.rejects(db.transaction(async (tx) => {
        tx.query(Star).update(row, { visits: 1 });
        await tx.transaction((inner) => {
          inner.query(Star).update(row, { mag: 1, visits: 2 });
          inner.query(Star).update(other, { mag: 1 });
          return Promise.resolve();
        });
        tx.query(Star).update(row, { mag: 2 });
        throw new Error("no");
      }));
      assert.deepEqual([row.mag, row.visits, other.mag], [6.5, 3, 2.12]);
      await db.transaction(async (tx) => {
        await tx.transaction((inner) => {
          inner.query(Star).update(row, { mag: 1, id: 20n });
          return Promise.resolve();
        });
        tx.query(Star).update(row, { visits: 9 });
      });
      const after = await db.query(Star).findOne({ filterBy: { id: 20n } });
      assert.deepEqual([after?.mag, after?.visits], [1, 9]);
    },
  ),
  behaviour(
    "a stream inside a transaction returns the rows of the transaction",
    async (db) => {
      await db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert(STARS);
        let count = 0;
        for await (const _ of tx.query(Star).stream({ batchSize: 2 })) count++;
        assert.equal(count, 5);
        for await (const _ of tx.query(Star).stream({ batchSize: 2 })) break;
        assert.equal(await tx.query(Star).count(), 5);
      });
    },
  ),
  behaviour(
    "calls on the connection inside its transaction throw",
    async (db) => {
      await db.transaction(async (tx) => {
        await assert.rejects(db.query(Star).count(), TransactionError);
        await assert.rejects(
          db.query(Star).bulkInsert([VEGA]),
          TransactionError,
        );
        await assert.rejects(
          db.transaction(() => Promise.resolve()),
          TransactionError,
        );
        await assert.rejects(
          async () => await Array.fromAsync(db.query(Star).stream()),
          TransactionError,
        );
        await assert.rejects(db.createDb(), TransactionError);
        await tx.query(Star).bulkInsert([VEGA]);
      });
      assert.equal(await db.query(Star).count(), 1);
    },
  ),
  behaviour(
    "calls on a transaction throw while an inner transaction is open, and after its end",
    async (db) => {
      let saved:
        | Parameters<Parameters<typeof db.transaction>[0]>[0]
        | undefined;
      await db.transaction(async (tx) => {
        saved = tx;
        await tx.transaction(async () => {
          await assert.rejects(tx.query(Star).count(), TransactionError);
        });
        assert.equal(await tx.query(Star).count(), 0);
      });
      const ended = saved;
      assert.ok(ended);
      await assert.rejects(ended.query(Star).count(), TransactionError);
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "a bulk write that fails after a part of its rows was sent leaves none of them in its transaction",
    async (db) => {
      for (const write of FAILING_WRITES) {
        await db.transaction(async (tx) => {
          await tx.query(Star).bulkInsert([VEGA]);
          await assert.rejects(write(tx), /Cannot (write|upsert) star/);
          // An engine may end the transaction.
        }).catch((error) => assert.ok(error instanceof TransactionError));
        assert.equal(
          await db.query(Star).count({ filterBy: { id: { ne: VEGA.id } } }),
          0,
        );
        await db.query(Star).deleteAll({ filterBy: {}, all: true });
        await db.transaction(async (tx) => {
          await tx.query(Star).bulkInsert([VEGA]);
          await assert.rejects(tx.transaction(write));
        });
        assert.equal(await db.query(Star).count(), 1);
        await db.query(Star).deleteAll({ filterBy: {}, all: true });
      }
    },
  ),
  behaviour("concurrent transactions are isolated", async (db) => {
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((id) =>
        db.transaction(async (tx) => {
          await tx.query(Star).bulkInsert([{
            id: BigInt(id),
            name: `s${id}`,
          }]);
          if (id % 2 === 0) throw new Error("even");
        })
      ),
    );
    assert.deepEqual(outcomes.map(({ status }) => status), [
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
    assert.deepEqual(rows.map(({ id }) => id), [1n, 3n]);
  }),
  behaviour(
    "a transaction rejects invalid options",
    async (db) => {
      for (
        const options of [
          { isolationLevel: "serializable; drop table star" },
          { readOnly: "yes" },
          { retries: -1 },
          { retries: NaN },
          { retries: "often" },
        ] satisfies object[]
      ) {
        const wrong: object = options;
        await assert.rejects(
          db.transaction(() => Promise.resolve(), wrong),
          TransactionError,
          JSON.stringify(options),
        );
      }
    },
  ),
];
