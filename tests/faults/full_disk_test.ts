// A server whose disk is full: every acknowledged write stays, a migration stops, and both go on after there is space.
import {
  DbPluginsError,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { history, migrate } from "@alerce/db-plugins/migrate";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { eventually } from "../support/mongo_case.ts";
import { startMongo, withoutMongo } from "../support/mongo_server.ts";
import { folderOf } from "../support/migrations_folder.ts";
import { ROUNDS } from "../support/rounds.ts";
import { settingsOf, startPostgres } from "../support/servers.ts";
import { type SmallDisk, smallDisk } from "../support/small_disk.ts";

const MIGRATION = `-- dbp:step
create table log (step int);
insert into log values (1);
-- dbp:step
create table big as select n, repeat(md5(n::text), 20) as text from generate_series(1, 150000) n;
insert into log values (2);
-- dbp:step
insert into log values (3);
`;

/** Registers a test on a small disk. It runs at night, and only if this process may mount one. */
function test(
  name: string,
  megabytes: number,
  ignore: boolean,
  fn: (disk: SmallDisk) => Promise<void>,
): void {
  Deno.test({
    name: `${name} (runs at night, and needs the right to mount)`,
    ignore: ignore || ROUNDS === 1 || Deno.uid() !== 0,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using disk = await smallDisk(megabytes);
      if (disk !== undefined) await fn(disk);
    },
  });
}

test(
  "postgresql: a migration on a full disk stops, and goes on after there is space",
  600,
  false,
  async (disk) => {
    const server = await startPostgres([], {}, undefined, disk.path);
    try {
      await using folder = await folderOf({
        "20260930T141502_test.up.sql": MIGRATION,
      }, "sql");
      const { directory } = folder;
      await using db = new SQLConnection({ models: [] });
      await db.connect({
        ...settingsOf(server),
        SCHEMA: "public",
        CONNECT_TIMEOUT: 5_000,
      });
      await disk.fill(40);
      const error = await migrate(db, { directory }).then(
        () => undefined,
        (error) => error,
      );
      assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
      assert.match(
        error.message,
        /No space left on device|Lost|Cannot connect|recovery mode/,
      );
      await disk.free();
      // A server that cannot write its log stops.
      await server.kill().catch(() => {});
      await server.restart();
      await migrate(db, { directory });
      assert.deepEqual(
        await db.sql`select array_agg(step order by step) as steps from log`,
        [{ steps: [1, 2, 3] }],
      );
      assert.deepEqual((await history(db)).map(({ state }) => state), [
        "applied",
      ]);
    } finally {
      await server.stop();
    }
  },
);

test(
  "mongodb: acknowledged writes stay after the disk was full, and writes go on",
  700,
  withoutMongo,
  async (disk) => {
    const server = await startMongo({ dir: disk.path });
    try {
      await using db = new MongoConnection({ models: SUITE_MODELS });
      await db.connect({
        URL: server.url,
        DATABASE: "d",
        CONNECT_TIMEOUT: 5_000,
        SERVER_SELECTION_TIMEOUT_MS: 1_000,
      });
      await db.createDb();
      await disk.fill(60);
      const acknowledged: bigint[] = [];
      let failure: unknown;
      for (let batch = 0n; failure === undefined && batch < 2_000n; batch++) {
        const rows = Array.from({ length: 100 }, (_, index) => {
          const id = batch * 100n + BigInt(index);
          const bytes = crypto.getRandomValues(new Uint8Array(4_000));
          return { id, name: `star ${id}`, notes: [...bytes].join() };
        });
        try {
          await db.query(Star).bulkInsert(rows);
          acknowledged.push(...rows.map(({ id }) => id));
        } catch (error) {
          failure = error;
        }
      }
      assert.ok(failure instanceof DbPluginsError, Deno.inspect(failure));
      assert.notEqual(failure.outcome, undefined);
      await disk.free();
      // mongod ends itself if it cannot write its journal.
      await server.kill().catch(() => {});
      await server.restart();
      const stored = await eventually(() =>
        db.query(Star).findAll({ select: ["id"] })
      );
      const ids = new Set(stored.map(({ id }) => id));
      assert.deepEqual(acknowledged.filter((id) => !ids.has(id)), []);
      await db.query(Star).insert({ id: -1n, name: "after" });
    } finally {
      await server.stop();
    }
  },
);
