// A work queue: workers lock different rows at the same time, and each row is done once.
import { type CallOptions, defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { sqlEngines } from "../../support/engines.ts";

const Job = defineModel("job", {
  fields: z.object({
    id: z.int32(),
    state: z.enum(["new", "done"]),
    worker: z.int32().nullable(),
  }),
  primaryKey: ["id"],
});
const JOBS = 40;
const WORKERS = 4;
const BATCH = 3;

for (const { name, open } of sqlEngines) {
  Deno.test({
    name: `${name}: workers at once take each row of a work queue once`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using db = await open([Job]);
      await db.createDb();
      await db.query(Job).bulkInsert(
        Array.from(
          { length: JOBS },
          (_, id) => ({ id, state: "new" as const }),
        ),
      );
      const taken: number[][] = [];
      const work = async (worker: number): Promise<void> => {
        for (;;) {
          const ids = await db.transaction(async (tx) => {
            const jobs = await tx.query(Job).findAll({
              filterBy: { state: "new" },
              orderBy: { id: "asc" },
              limit: BATCH,
              lock: "update",
              skipLocked: true,
            });
            const id = jobs.map((job) => job.id);
            await tx.query(Job).updateAll({
              filterBy: { id },
              set: { state: "done", worker },
            });
            return id;
          });
          if (ids.length === 0) break;
          taken.push(ids);
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, (_, at) => work(at)));
      // A worker that finds all rows locked ends before the others.
      await work(WORKERS);
      assert.deepEqual(
        taken.flat().sort((one, other) => one - other),
        Array.from({ length: JOBS }, (_, id) => id),
      );
      assert.equal(
        await db.query(Job).count({ filterBy: { state: "done" } }),
        JOBS,
      );
      await db.dropDb();
    },
  });

  if (name === "pglite") continue;
  Deno.test({
    name: `${name}: a row locked for an update is skipped or waited for`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using db = await open([Job]);
      await db.createDb();
      await db.query(Job).bulkInsert([
        { id: 1, state: "new" },
        { id: 2, state: "new" },
      ]);
      const locked = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const holder = db.transaction(async (tx) => {
        await tx.query(Job).findAll({ filterBy: { id: 1 }, lock: "update" });
        locked.resolve();
        await release.promise;
        await tx.query(Job).updateAll({
          filterBy: { id: 1 },
          set: { state: "done" },
        });
      });
      await locked.promise;
      const idsOf = (options: object): Promise<number[]> =>
        db.transaction(async (tx) =>
          (await tx.query(Job).findAll({ ...options, orderBy: { id: "asc" } }))
            .map(({ id }) => id)
        );
      const filterBy = { state: "new" };
      assert.deepEqual(await idsOf({ lock: "update", skipLocked: true }), [2]);
      assert.deepEqual(await idsOf({ lock: "share", skipLocked: true }), [2]);
      await assert.rejects(
        idsOf({ lock: "share", timeout: 100 }),
        { name: "TimeoutError" },
      );
      assert.deepEqual(await idsOf({}), [1, 2]);
      const waiting = idsOf({ filterBy, lock: "update" });
      release.resolve();
      await holder;
      // The row was changed meanwhile, and the filter is checked again.
      assert.deepEqual(await waiting, [2]);
      await db.dropDb();
    },
  });

  Deno.test({
    name:
      `${name}: two transactions share the lock of a row, which an update waits for`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using db = await open([Job]);
      await db.createDb();
      await db.query(Job).bulkInsert([{ id: 1, state: "new" }]);
      const timeout = 100;
      const [shared, read] = [0, 0].map(() => Promise.withResolvers<void>());
      assert.ok(shared && read);
      const holder = db.transaction(async (tx) => {
        await tx.query(Job).findAll({ lock: "share" });
        shared.resolve();
        await read.promise;
      });
      await shared.promise;
      const locked = (
        lock: "share" | "update",
        skipLocked: boolean,
        limits: CallOptions = {},
      ) =>
        db.transaction(async (tx) =>
          (await tx.query(Job).findAll({ lock, skipLocked, ...limits })).length
        );
      assert.equal(await locked("share", false), 1);
      assert.equal(await locked("share", true), 1);
      assert.equal(await locked("update", true), 0);
      const waits = { name: "TimeoutError" };
      await assert.rejects(locked("update", false, { timeout }), waits);
      await assert.rejects(
        db.query(Job).updateAll({ filterBy: {}, set: { worker: 1 }, timeout }),
        waits,
      );
      read.resolve();
      await holder;
      assert.equal(await locked("update", false), 1);
      await db.dropDb();
    },
  });
}
