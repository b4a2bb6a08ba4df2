// Rows with versions that another transaction changes while bulkUpdate waits for it.
import { StaleRowError } from "@alerce/db-plugins";
import { Job } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { connected, test } from "../../support/connected.ts";
import { freshSchema } from "../../support/engines.ts";

for (const returning of [undefined, ["id"] as const]) {
  test(
    `bulkUpdate refuses a version that another transaction raises while it waits for the row${
      returning === undefined ? "" : ", with returning"
    }`,
    async () => {
      const SCHEMA = freshSchema();
      await using db = await connected({ SCHEMA });
      await using other = await connected({ SCHEMA });
      const jobs = db.query(Job);
      await jobs.bulkInsert([{ id: 1 }, { id: 2 }]);
      // Changes of different fields take several statements.
      const update = () =>
        jobs.bulkUpdate(
          [
            { id: 2, version: 1, attempts: 3 },
            { id: 1, version: 1, state: "late" },
          ],
          returning && { returning },
        );
      let running: Promise<unknown> | undefined;
      await other.transaction(async (tx) => {
        await tx.query(Job).updateAll({
          filterBy: { id: 1 },
          set: { state: "first" },
        });
        running = update();
        running.catch(() => {});
        for (let isWaiting = false; !isWaiting;) {
          const [row] = await db.sql<
            { waiting: boolean }
          >`select exists (select from pg_locks l join pg_stat_activity a using (pid)
          where not l.granted and a.query like ${`%${SCHEMA}%`}) as waiting`;
          isWaiting = row?.waiting ?? false;
        }
      });
      await assert.rejects(
        async () => await running,
        (error) =>
          error instanceof StaleRowError && error.outcome === "not applied" &&
          /some of .*<Job\(id=1\)>/.test(error.message),
      );
      assert.deepEqual(
        (await jobs.findAll({ orderBy: { id: "asc" } })).map((
          { version, state, attempts },
        ) => [version, state, attempts]),
        [[2, "first", null], [1, null, null]],
      );
      await db.dropDb();
    },
  );
}
