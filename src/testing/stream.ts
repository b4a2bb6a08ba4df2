import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars } from "./stars.ts";

/** `stream`. */
export const stream: readonly Behaviour[] = [
  behaviour(
    "stream returns every row once, in order, for every batch size",
    async (db) => {
      await db.query(Star).bulkInsert(
        Array.from(
          { length: 25 },
          (_, index) => ({ id: BigInt(index), name: `s${index}` }),
        ),
      );
      for (const batchSize of [1, 5, 7, 100]) {
        const ids: bigint[] = [];
        for await (
          const { id } of db.query(Star).stream({
            batchSize,
            orderBy: { id: "desc" },
          })
        ) ids.push(id);
        assert.deepEqual(
          ids,
          Array.from({ length: 25 }, (_, index) => BigInt(24 - index)),
        );
      }
    },
  ),
  behaviour(
    "the connection is usable after the loop over a stream ends early",
    async (db) => {
      await fillStars(db);
      for (let round = 0; round < 30; round++) {
        for await (
          const row of db.query(Star).stream({ batchSize: 2 })
        ) if (row.id > 0n) break;
      }
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "batchSize can be 0 to 2147483647",
    async (db) => {
      await fillStars(db);
      const batchSize = 2 ** 31 - 1;
      const all = await Array.fromAsync(db.query(Star).stream({ batchSize }));
      assert.equal(all.length, 5);
      for (const batchSize of [2 ** 31, 2 ** 40, -1, 1.5]) {
        await assert.rejects(
          async () =>
            void await Array.fromAsync(db.query(Star).stream({ batchSize })),
          (error) =>
            error instanceof QueryError && error.field === "batchSize" &&
            /from 0 to 2147483647/.test(error.message),
        );
      }
    },
  ),
  behaviour(
    "other queries can run inside the loop over a stream",
    async (db) => {
      await fillStars(db);
      let seen = 0;
      for await (
        const { id } of db.query(Star).stream({ batchSize: 2, select: ["id"] })
      ) {
        if (await db.query(Star).checkExists({ filterBy: { id } })) seen++;
      }
      assert.equal(seen, 5);
    },
  ),
];
