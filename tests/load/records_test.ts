// The table of recorded loads: rights, other tables' tools, and loaders at once.
import { DatabaseError } from "@alerce/db-plugins";
import { load } from "@alerce/db-plugins/load";
import { AstroObject } from "@alerce/db-plugins/models";
import { Stamp } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import { test } from "../support/connected.ts";
import { postgresEngine } from "../support/engines.ts";
import { withRole } from "../support/roles.ts";
import { setTimeout as pause } from "node:timers/promises";

test("dropdb drops the record of loads, and drift and make_migrations ignore it", async () => {
  await using server = await onServer();
  const config = ["--settings_path", server.path];
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "oid,ndet\nZTF1,1\n");
    assert.equal((await dbp("initdb", ...config)).code, 0);
    const loaded = await dbp("load", "object", file, ...config);
    assert.deepEqual([loaded.code, loaded.err], [0, ""]);
    assert.equal((await server.sql("select from dbp_loads")).length, 1);
    const drift = await dbp("drift", ...config);
    assert.deepEqual([drift.code, drift.out.split(" in ")[0]], [0, "No drift"]);
    const made = await dbp("make_migrations", ...config);
    assert.match(made.out + made.err, /[Nn]o (?:changes|differences)|match/);
    const dropped = await dbp("dropdb", "--yes", "--json", ...config);
    assert.ok(dropped.out.includes('"dbp_loads"'), dropped.out);
  } finally {
    await dbp("dropdb", "--yes", ...config);
    await Deno.remove(file);
  }
});

test("a load that must be recorded names the right that is missing", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "oid,ndet\nZTF1,1\n");
  await withRole([AstroObject], [], async ({ owner, run, open }) => {
    await owner.createDb();
    await run("grant all on object to ROLE");
    const db = await open();
    await assert.rejects(
      load(db, AstroObject, file, { resume: true }),
      (error) =>
        error instanceof DatabaseError && /create/i.test(error.message),
    );
    assert.equal(await owner.query(AstroObject).count(), 0);
    assert.equal(
      (await load(owner, AstroObject, file, { resume: true })).inserted,
      1,
    );
    await run("grant select, update, delete on dbp_loads to ROLE");
    await assert.rejects(
      load(db, AstroObject, file, { again: true }),
      (error) =>
        error instanceof DatabaseError && /dbp_loads/.test(error.message),
    );
    await owner.dropDb();
  });
  await Deno.remove(file);
});

test("two loads of overlapping files at once write each row once", async () => {
  const folder = await Deno.makeTempDir();
  await using one = await postgresEngine.open([Stamp]);
  await one.createDb();
  try {
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => `${from + at},1\n`).join("");
    const files = [join(folder, "a.csv"), join(folder, "b.csv")] as const;
    await Deno.writeTextFile(files[0], `id,touched\n${rows(0, 45_000)}`);
    await Deno.writeTextFile(files[1], `id,touched\n${rows(15_000, 60_000)}`);
    const reports = await Promise.all(
      [files[0], files[1], files[0]].map(async (file, at) => {
        await pause(at * 20);
        return await load(one, Stamp, file, { again: true, jobs: 2 });
      }),
    );
    assert.equal(
      reports.reduce((sum, { inserted }) => sum + inserted, 0),
      60_000,
    );
    assert.equal(await one.query(Stamp).count(), 60_000);
    for (const file of files) {
      const { skipped } = await load(one, Stamp, file, { resume: true });
      assert.equal(skipped, 45_000);
    }
  } finally {
    await one.dropDb();
    await Deno.remove(folder, { recursive: true });
  }
});
