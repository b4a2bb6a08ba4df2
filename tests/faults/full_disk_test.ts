// A full disk of the server: every acknowledged write stays, a migration or a load stops, and both go on after there is space. A full disk of rejected rows.
import {
  type Connection,
  DbPluginsError,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { load } from "@alerce/db-plugins/load";
import { history, migrate } from "@alerce/db-plugins/migrate";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
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
      await fullDiskError(migrate(db, { directory }));
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
  "postgresql: a load on a full disk ends, keeps its batches, and goes on after there is space",
  600,
  false,
  async (disk) => {
    const server = await startPostgres([], {}, undefined, disk.path);
    try {
      await using db = new SQLConnection({ models: [Star] });
      await db.connect({ ...settingsOf(server), CONNECT_TIMEOUT: 5_000 });
      await loadOnFullDisk(db, disk, server);
    } finally {
      await server.stop();
    }
  },
);

test(
  "mongodb: a load on a full disk ends, keeps its batches, and goes on after there is space",
  700,
  withoutMongo,
  async (disk) => {
    const server = await startMongo({ dir: disk.path });
    try {
      await using db = new MongoConnection({ models: [Star] });
      await db.connect({
        URL: server.url,
        DATABASE: "d",
        CONNECT_TIMEOUT: 5_000,
        SERVER_SELECTION_TIMEOUT_MS: 1_000,
      });
      await loadOnFullDisk(db, disk, server);
    } finally {
      await server.stop();
    }
  },
);

/** Returns the error of a call that the full disk ends. */
async function fullDiskError(call: Promise<unknown>): Promise<DbPluginsError> {
  const error = await call.then(() => undefined, (error) => error);
  assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
  assert.match(
    error.message,
    /No space left on device|Lost|Cannot connect|recovery mode/,
  );
  return error;
}

/** Fills the disk during a load, and ends the load after there is space. */
async function loadOnFullDisk(
  db: Connection,
  disk: SmallDisk,
  server: { kill(): Promise<void>; restart(): Promise<void> },
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await db.createDb();
    // Random digits, which the server cannot compress.
    const rows = Array.from({ length: 60_000 }, (_, at) => {
      const notes = crypto.getRandomValues(new Uint8Array(500)).toHex();
      return `${at},star ${at},"""${notes}"""\n`;
    });
    await Deno.writeTextFile(path, `id,name,notes\n${rows.join("")}`);
    await disk.fill(60);
    const options = { onConflict: "error", resume: true } as const;
    const { message } = await fullDiskError(load(db, Star, path, options));
    assert.match(message, /rows of this load were written before/);
    await disk.free();
    // A server that cannot write its log stops.
    await server.kill().catch(() => {});
    await server.restart();
    const report = await eventually(() => load(db, Star, path, options));
    assert.equal((report.skipped ?? 0) + report.inserted, rows.length);
    assert.ok(report.inserted < rows.length);
    assert.equal(await db.query(Star).count(), rows.length);
  } finally {
    await Deno.remove(path);
  }
}

test(
  "a full disk leaves whole lines of rejected rows, and --resume reports all again",
  1,
  false,
  async (disk) => {
    await using server = await onServer();
    const { path } = server;
    const folder = await Deno.makeTempDir();
    const file = join(folder, "bad.csv");
    const rejects = join(disk.path, "rejects.ndjson");
    const load = () =>
      dbp(
        ...["load", "object", file, "--resume", "--rejects", rejects] as const,
        ...["--settings_path", path] as const,
      );
    try {
      assert.equal((await dbp("initdb", "--settings_path", path)).code, 0);
      const rows = Array.from({ length: 20_000 }, (_, at) => `ZTF${at},x\n`);
      await Deno.writeTextFile(file, `oid,ndet\n${rows.join("")}`);
      const full = await load();
      assert.equal(full.code, 1);
      assert.match(full.err, /no space left/i);
      const text = await Deno.readTextFile(rejects);
      assert.ok(text.endsWith("}\n"), text.slice(-100));
      // The rows of the batch are reported again.
      await Deno.remove(rejects);
      await Deno.symlink(join(folder, "rejects.ndjson"), rejects);
      const resumed = await load();
      assert.equal(resumed.code, 0, resumed.err);
      const lines = (await Deno.readTextFile(rejects)).trimEnd().split("\n");
      assert.equal(lines.length, rows.length);
      for (const line of lines) JSON.parse(line);
    } finally {
      await dbp("dropdb", "--yes", "--settings_path", path);
      await Deno.remove(folder, { recursive: true });
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
