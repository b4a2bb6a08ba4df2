// Rollbacks: in reverse order of application, with the down files or the copies in the history, or refused.
import {
  history,
  migrate,
  printSql,
  rollback,
  stamp,
  status,
} from "@alerce/db-plugins/migrate";
import type { MigrationEvent } from "@alerce/db-plugins/engine";
import assert from "node:assert/strict";
import {
  connected,
  emptyMemory,
  type Memory,
} from "../../memory/migrations.ts";
import {
  fails,
  folderOf,
  MOON,
  STAR,
  SUN,
  type TestFolder,
  testFolder,
} from "../../support/migrations_folder.ts";

const FILES = {
  [`${STAR}.up.txt`]: "add star",
  [`${STAR}.down.txt`]: "drop star",
  [`${MOON}.up.txt`]: "add moon\nadd crater",
  [`${MOON}.down.txt`]: "step\ndrop crater\nstep\ndrop moon",
  [`${SUN}.up.txt`]: "add sun",
  [`${SUN}.down.txt`]: "drop sun",
};

/** Applies files to a database. */
async function migrated(
  folder: TestFolder,
  files: Readonly<Record<string, string>> = FILES,
): Promise<{ store: Memory; db: Awaited<ReturnType<typeof connected>> }> {
  await folder.write(files);
  const store = emptyMemory(["star", "moon", "sun"]);
  const db = await connected(store);
  await migrate(db, folder);
  store.ran.length = 0;
  return { store, db };
}

Deno.test("the last migration is rolled back, then several, and all can be applied again", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  const one = await rollback(db, folder);
  assert.deepEqual(one.reverted.map(({ id, steps }) => [id, steps]), [[
    SUN,
    1,
  ]]);
  assert.deepEqual((await status(db, folder)).pending.map(({ id }) => id), [
    SUN,
  ]);
  const sun = store.history.get(SUN);
  assert.deepEqual(
    [sun?.state, sun?.direction, sun?.fingerprint, sun?.managed],
    ["reverted", "down", "crater,moon,star", ["star", "moon"]],
  );
  const dry = await rollback(db, { ...folder, steps: Infinity, dryRun: true });
  assert.deepEqual(
    dry.pending.map(({ id, steps, fromHistory }) => [id, steps, fromHistory]),
    [[MOON, 2, false], [STAR, 1, false]],
  );
  assert.equal(store.tables.size, 3);
  const all = await rollback(db, { ...folder, steps: Infinity });
  assert.deepEqual(all.reverted.map(({ id }) => id), [MOON, STAR]);
  assert.deepEqual(store.ran, [
    "drop sun",
    "drop crater",
    "drop moon",
    "drop star",
  ]);
  assert.equal(store.tables.size, 0);
  assert.deepEqual((await rollback(db, folder)).reverted, []);
  assert.deepEqual(
    (await migrate(db, folder)).applied.map(({ id }) => id),
    [STAR, MOON, SUN],
  );
  assert.deepEqual([...store.tables].sort(), ["crater", "moon", "star", "sun"]);
  assert.equal((await status(db, folder)).exitCode, 0);
});

Deno.test("to rolls back everything that was applied after a migration", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  const late = "20260930T110000_late";
  await folder.write({
    [`${late}.up.txt`]: "add late",
    [`${late}.down.txt`]: "drop late",
  });
  await migrate(db, { ...folder, outOfOrder: true });
  store.ran.length = 0;
  const { reverted } = await rollback(db, { ...folder, to: MOON });
  assert.deepEqual(reverted.map(({ id }) => id), [late, SUN]);
  assert.deepEqual(store.ran, ["drop late", "drop sun"]);
  assert.deepEqual((await rollback(db, { ...folder, to: MOON })).reverted, []);
  await assert.rejects(
    rollback(db, { ...folder, to: SUN }),
    fails(64, /No applied migration matches .*sun"; did you mean/),
  );
});

Deno.test("if a down file is missing, the copy in the history is used", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  await folder.remove(`${SUN}.up.txt`, `${SUN}.down.txt`, `${MOON}.down.txt`);
  const options = { ...folder, steps: 2 };
  const dry = await rollback(db, { ...options, dryRun: true });
  assert.deepEqual(dry.pending.map(({ fromHistory }) => fromHistory), [
    true,
    true,
  ]);
  await rollback(db, options);
  assert.deepEqual(store.ran, ["drop sun", "drop crater", "drop moon"]);
  // Missing files of rolled back migrations are not a problem.
  assert.deepEqual((await status(db, folder)).problems, []);
});

Deno.test("an edited down file is used only after it was accepted", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  await folder.write({ [`${SUN}.down.txt`]: "wait\ndrop sun" });
  const edited = fails(
    4,
    /sun\.down\.txt was edited after it was applied .*`dbp stamp --to .*sun`/,
  );
  await assert.rejects(rollback(db, folder), edited);
  await assert.rejects(rollback(db, { ...folder, dryRun: true }), edited);
  await assert.rejects(migrate(db, folder), edited);
  const { problems, applied } = await status(db, folder);
  assert.deepEqual(
    problems.map(({ kind, exitCode }) => [kind, exitCode]),
    [["edited", 4]],
  );
  assert.equal(applied.at(-1)?.edited, true);
  assert.deepEqual(store.ran, []);
  assert.deepEqual((await stamp(db, folder)).accepted, [SUN]);
  await rollback(db, folder);
  assert.deepEqual(store.ran, ["wait", "drop sun"]);
});

Deno.test("an irreversible migration is refused before anything is done, with the reason", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder, {
    ...FILES,
    [`${MOON}.down.txt`]: "irreversible the moon is gone",
  });
  const all = { ...folder, steps: Infinity };
  await assert.rejects(
    rollback(db, all),
    fails(1, /Cannot roll back .*moon: it is irreversible: the moon is gone/),
  );
  await folder.write({
    [`${MOON}.down.txt`]: "irreversible its craters are gone\ndrop moon",
  });
  await stamp(db, folder);
  await assert.rejects(
    rollback(db, all),
    fails(
      1,
      /its craters are gone\. To run the steps of .*moon\.down\.txt anyway, remove its `dbp:irreversible`, accept the file with `dbp stamp --to 2026\w+_moon`, and roll back again/,
    ),
  );
  await folder.write({ [`${MOON}.down.txt`]: "# nothing" });
  await stamp(db, folder);
  await assert.rejects(
    rollback(db, all),
    fails(1, /moon\.down\.txt has no statement/),
  );
  assert.deepEqual([store.ran, store.tables.size], [[], 4]);
  const moon = store.history.get(MOON);
  assert.ok(moon);
  store.history.set(MOON, { ...moon, downText: undefined });
  await folder.remove(`${MOON}.down.txt`);
  await assert.rejects(rollback(db, all), fails(1, /it has no down migration/));
  assert.deepEqual(store.ran, []);
});

Deno.test("a failed rollback is continued, and until then nothing is applied", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  await rollback(db, folder);
  store.onStatement = (statement) => {
    if (statement === "drop moon") throw new Error("in use");
  };
  await assert.rejects(
    rollback(db, folder),
    fails(
      1,
      /moon\.down\.txt:3, step 2 of 2: in use.*`dbp rollback` continues/,
    ),
  );
  assert.deepEqual(
    [store.history.get(MOON)?.state, store.history.get(MOON)?.stepsDone],
    ["failed", 1],
  );
  await assert.rejects(
    migrate(db, folder),
    fails(4, /moon is partially rolled back \(1 of 2 .*`dbp rollback` cont/),
  );
  const partial = await status(db, folder);
  assert.deepEqual(
    [partial.applied, partial.pending].map((all) => all.map(({ id }) => id)),
    [[STAR], [SUN]],
  );
  store.onStatement = () => {};
  await folder.write({ [`${MOON}.down.txt`]: "step\nwait\nstep\ndrop moon" });
  await assert.rejects(
    rollback(db, folder),
    fails(4, /step 1 of .*moon\.down\.txt was edited after it ran/),
  );
  await folder.write({
    [`${MOON}.down.txt`]: "step\ndrop crater\nstep\nwait\ndrop moon",
  });
  store.ran.length = 0;
  await rollback(db, folder);
  assert.deepEqual(store.ran, ["wait", "drop moon"]);
  assert.deepEqual([...store.tables], ["star"]);
});

Deno.test("a rollback without a completed step leaves the migration applied", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  store.onStatement = () => {
    throw new Error("in use");
  };
  await assert.rejects(rollback(db, folder), fails(1, /in use/));
  store.onStatement = () => {};
  const { applied, pending } = await status(db, folder);
  assert.deepEqual([applied.length, pending.length], [3, 0]);
  // The record of the rollback does not count as the application.
  const [star, , sun] = applied;
  assert.equal(star?.wayBack, undefined);
  assert.ok(star?.appliedAt instanceof Date);
  assert.deepEqual([sun?.id, sun?.appliedAt], [SUN, undefined]);
  assert.equal(sun?.wayBack?.state, "failed");
  assert.match(sun?.wayBack?.error ?? "", /in use/);
  assert.deepEqual((await migrate(db, folder)).applied, []);
  assert.deepEqual(
    (await rollback(db, folder)).reverted.map(({ id }) => id),
    [SUN],
  );
});

Deno.test("a partially applied migration is not rolled back, but can be completed first", async () => {
  await using folder = await folderOf({
    [`${STAR}.up.txt`]: "step\nadd star\nstep\nadd dust",
    [`${STAR}.down.txt`]: "drop star",
  });
  const store = emptyMemory();
  await using db = await connected(store);
  store.onStatement = (statement) => {
    if (statement === "add dust") throw new Error("no dust");
  };
  await assert.rejects(migrate(db, folder));
  await assert.rejects(
    rollback(db, folder),
    fails(4, /star: it is partially applied \(1 of 2 .*`dbp migrate` cont/),
  );
  await folder.write({ [`${STAR}.up.txt`]: "step\nadd star" });
  await migrate(db, folder);
  await rollback(db, folder);
  assert.equal(store.tables.size, 0);
});

Deno.test("a stamped migration is rolled back only with --baseline", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  for (const table of ["star", "moon", "crater", "sun"]) {
    store.tables.add(table);
  }
  await using db = await connected(store);
  await stamp(db, folder);
  await assert.rejects(
    rollback(db, folder),
    fails(1, /sun: it is a baseline.*--baseline/),
  );
  assert.equal(store.tables.size, 4);
  await rollback(db, { ...folder, baseline: true });
  assert.equal(store.tables.has("sun"), false);
});

Deno.test("a baseline that migrate applied to another database is rolled back only with --baseline", async () => {
  await using folder = await testFolder();
  const baseline = "20260930T120000_baseline";
  const { store, db } = await migrated(folder, {
    [`${baseline}.up.txt`]: "add star",
    [`${baseline}.down.txt`]: "drop star",
  });
  await assert.rejects(
    rollback(db, folder),
    fails(1, /_baseline: it is a baseline that created .* add --baseline/),
  );
  assert.equal(store.tables.has("star"), true);
  await rollback(db, { ...folder, baseline: true });
  assert.equal(store.tables.size, 0);
});

Deno.test("a rollback first reports later files that were never applied, but not rolled back ones", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  const comet = "20260930T120003_comet";
  await folder.write({ [`${comet}.up.txt`]: "add comet" });
  store.onStatement = (statement) => {
    if (statement === "add comet") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  const events: unknown[] = [];
  const onProgress = (event: MigrationEvent) =>
    events.push(event.kind === "passed-over" ? event : event.kind);
  const skipped = { kind: "passed-over", ids: [comet], instead: SUN };
  const dry = await rollback(db, { ...folder, dryRun: true, onProgress });
  assert.deepEqual([dry.neverApplied, events], [[comet], [skipped]]);
  events.length = 0;
  const { neverApplied } = await rollback(db, { ...folder, onProgress });
  assert.deepEqual([neverApplied, events.slice(0, 3)], [[comet], [
    "locked",
    skipped,
    "migration",
  ]]);
  await folder.remove(`${comet}.up.txt`);
  assert.deepEqual((await rollback(db, folder)).neverApplied, []);
});

Deno.test("a stamp can be removed, a run cannot", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  const comet = "20260930T120003_comet";
  await folder.write({
    [`${comet}.up.txt`]: "add comet",
    [`${comet}.down.txt`]: "drop comet",
  });
  await stamp(db, folder);
  assert.equal((await status(db, folder)).applied.at(-1)?.stamped, true);
  await assert.rejects(
    stamp(db, { ...folder, unstamp: SUN }),
    fails(1, /stamp of .*sun: it was run, not stamped/),
  );
  await assert.rejects(
    stamp(db, { ...folder, unstamp: "comet", to: SUN }),
    fails(64, /cannot be combined/),
  );
  const dry = await stamp(db, { ...folder, unstamp: "comet", dryRun: true });
  assert.deepEqual(dry.removed, [comet]);
  await stamp(db, { ...folder, unstamp: "comet" });
  assert.deepEqual(
    [store.ran, store.tables.has("comet")],
    [[], false],
  );
  const { applied, pending } = await status(db, folder);
  assert.deepEqual([applied.length, pending.map(({ id }) => id)], [3, [comet]]);
  await migrate(db, folder);
  assert.equal(store.tables.has("comet"), true);
  // It is not a baseline now.
  await rollback(db, folder);
  assert.equal(store.tables.has("comet"), false);
});

Deno.test("nothing is rolled back if the rollback differs from the reported one", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  await assert.rejects(
    rollback(db, { ...folder, expect: [MOON] }),
    fails(1, /another process changed the history meanwhile.*sun/),
  );
  assert.equal(store.tables.size, 4);
  await rollback(db, { ...folder, expect: [SUN] });
  assert.equal((await history(db)).at(-1)?.state, "reverted");
});

Deno.test("an edited down file is checked by the lint rules, an applied one is not", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder);
  store.strict = true;
  await rollback(db, folder);
  assert.deepEqual(store.ran, ["drop sun"]);
  await folder.write({ [`${MOON}.down.txt`]: "drop crater\ndrop moon\nwait" });
  const broken = fails(6, /moon\.down\.txt:1:/);
  await assert.rejects(stamp(db, { ...folder, to: MOON }), broken);
});

Deno.test("if the server does not meet a requirement of one down file, none runs", async () => {
  await using folder = await testFolder();
  const { store, db } = await migrated(folder, {
    ...FILES,
    [`${STAR}.down.txt`]: "requires memory>=2\ndrop star",
  });
  const all = { ...folder, steps: 3 };
  const unmet = /star\.down\.txt requires memory>=2; the server is Memory 1$/;
  await assert.rejects(rollback(db, all), fails(4, unmet));
  await assert.rejects(rollback(db, { ...all, dryRun: true }), fails(4, unmet));
  await assert.rejects(
    printSql(db, { ...all, direction: "down" }),
    fails(4, unmet),
  );
  assert.deepEqual(store.ran, []);
  store.version = "2.1";
  assert.equal((await rollback(db, all)).reverted.length, 3);
});
