import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars } from "./stars.ts";

/** `stream`. */
export const stream: readonly Behaviour[] = [
  behaviour(
    "stream gives every row once, in order, whatever the batch",
    async (db) => {
      await db.query(Star).bulkInsert(
        Array.from(
          { length: 25 },
          (_, place) => ({ id: BigInt(place), name: `s${place}` }),
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
          Array.from({ length: 25 }, (_, place) => BigInt(24 - place)),
        );
      }
    },
  ),
  behaviour(
    "a stream that is left early leaves the connection as it was",
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
    "a batch of more rows than servers count is refused, and as many as they do are not",
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
  behaviour("other queries may run inside a stream's loop", async (db) => {
    await fillStars(db);
    let seen = 0;
    for await (
      const { id } of db.query(Star).stream({ batchSize: 2, select: ["id"] })
    ) {
      if (await db.query(Star).checkExists({ filterBy: { id } })) seen++;
    }
    assert.equal(seen, 5);
  }),
];
