import assert from "node:assert/strict";
import { CheckError, ValidationError } from "../base/errors/mod.ts";
import { greatest, increment, least } from "../query/write/expressions.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Job, Sighting } from "./models.ts";

const LEAST = -32768;
const GREATEST = 32767;

/** Fields of 16-bit integers. */
export const int16Fields: readonly Behaviour[] = [
  behaviour(
    "an int16 field holds the integers from -32768 to 32767, and orders, groups and adds them",
    async (db) => {
      const nights = [GREATEST, LEAST, 0, -1];
      await db.query(Sighting).bulkInsert(
        nights.map((night) => ({ star: 1n, night, quality: 1 })),
      );
      const rows = await db.query(Sighting).findAll({
        orderBy: { night: "asc" },
      });
      assert.deepEqual(
        rows.map(({ night }) => night),
        [LEAST, -1, 0, GREATEST],
      );
      const filterBy = { night: { gte: -1, lt: GREATEST } };
      assert.equal(await db.query(Sighting).count({ filterBy }), 2);
      const [of] = await db.query(Sighting).aggregate({
        sum: ["night"],
        avg: ["night"],
        min: ["night"],
        max: ["night"],
      });
      assert.deepEqual({ ...of }, {
        sum: { night: -2n },
        avg: { night: -0.5 },
        min: { night: LEAST },
        max: { night: GREATEST },
      });
      const found = await db.query(Sighting).getOrCreate({
        filterBy: { star: 1n, night: LEAST },
        quality: 0.5,
      });
      assert.equal(found[0].quality, 1);
    },
  ),
  behaviour(
    "each write refuses what an int16 field cannot hold, before it writes a row",
    async (db) => {
      await db.query(Job).bulkInsert([{ id: 1, attempts: 5 }]);
      for (
        const [attempts, reason] of [
          [
            GREATEST + 1,
            /is outside the range of int16 \(-32768 to 32767\)/,
          ],
          [LEAST - 1, /outside the range of int16/],
          [65536, /outside the range of int16/],
          [1.5, /must be a whole number, got 1\.5/],
          [NaN, /must be a whole number/],
        ] as const
      ) {
        const good = { id: 2, attempts: 1 };
        for (
          const write of [
            () => db.query(Job).insert({ id: 3, attempts }),
            () => db.query(Job).bulkInsert([good, { id: 3, attempts }]),
            () => db.query(Job).bulkUpdate([{ id: 1, attempts, version: 1 }]),
            () => db.query(Job).updateAll({ filterBy: {}, set: { attempts } }),
            () =>
              db.query(Job).updateAll({
                filterBy: {},
                set: { attempts: greatest(attempts) },
              }),
          ]
        ) {
          await assert.rejects(
            write,
            (error) =>
              error instanceof ValidationError && reason.test(error.message),
          );
        }
      }
      const stored = await db.query(Job).findAll();
      assert.deepEqual(
        stored.map(({ id, attempts }) => [id, attempts]),
        [[1, 5]],
      );
    },
  ),
  behaviour(
    "a sum that an int16 field cannot hold is refused, and null stays null",
    async (db) => {
      await db.query(Job).bulkInsert([
        { id: 1, attempts: GREATEST - 1 },
        { id: 2 },
      ]);
      const set = { attempts: increment(1) };
      await db.query(Job).updateAll({ filterBy: {}, set });
      for (const amount of [1, 30_000]) {
        await assert.rejects(
          db.query(Job).updateAll({
            filterBy: { id: 1 },
            set: { attempts: increment(amount) },
          }),
          CheckError,
        );
      }
      await db.query(Job).updateAll({
        filterBy: { id: 2 },
        set: { attempts: least(7) },
      });
      const rows = await db.query(Job).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(
        rows.map(({ attempts }) => attempts),
        [GREATEST, 7],
      );
    },
  ),
];
