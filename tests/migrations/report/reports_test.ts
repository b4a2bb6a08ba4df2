// Reports about files, history and schema without a change, and records without a run.
import { SchemaError } from "@alerce/db-plugins";
import {
  assertMigrated,
  baseline,
  check,
  drift,
  history,
  makeMigrations,
  migrate,
  printSql,
  rollback,
  stamp,
  status,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import {
  connected,
  emptyMemory,
  memoryDialect,
} from "../../memory/migrations.ts";
import {
  fails,
  folderOf,
  MOON,
  STAR,
  SUN,
  testFolder,
} from "../../support/migrations_folder.ts";

const FILES = {
  [`${STAR}.up.txt`]: "add star",
  [`${STAR}.down.txt`]: "drop star",
  [`${MOON}.up.txt`]: "step\nadd moon\nstep\nadd crater",
  [`${MOON}.down.txt`]: "step\ndrop crater\nstep\ndrop moon",
};

Deno.test("check reports all problems, worst first, and changes nothing", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star", "moon"]);
  await using db = await connected(store);
  await folder.write({ [`${MOON}.up.txt`]: "add moon" });
  await migrate(db, folder);
  await folder.write({
    ...FILES,
    [`${SUN}.up.txt`]: "add sun\ndrop star",
    "wrong.txt": "",
  });
  store.tables.delete("moon");
  const before = structuredClone([store.tables, store.history]);
  const { problems, exitCode, pending, folder: path, place } = await check(
    db,
    folder,
  );
  assert.deepEqual(problems.map(({ exitCode, kind }) => [exitCode, kind]), [
    [4, "file"],
    [4, "edited"],
    [4, "out-of-order"],
    [6, "drop"],
    [5, "drift"],
    [2, "pending"],
    [2, "pending"],
  ]);
  assert.equal(exitCode, 4);
  assert.deepEqual(pending.map(({ id }) => id), [STAR, SUN]);
  assert.match(path, /memory$/);
  assert.equal(place, "memory");
  assert.deepEqual([store.tables, store.history], before);
  assert.equal(store.locks, 1);
});

Deno.test("check returns the worst exit code: 6 before 5 before 2, and 0 without problems", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  await folder.write({ [`${STAR}.up.txt`]: "add star" });
  assert.equal((await check(db, folder)).exitCode, 2);
  await migrate(db, folder);
  assert.deepEqual((await check(db, folder)).problems, []);
  assert.equal((await check(db, folder)).exitCode, 0);
  await folder.write({ [`${MOON}.up.txt`]: "add moon" });
  assert.equal((await check(db, folder)).exitCode, 2);
  store.tables.add("notes");
  assert.equal((await check(db, folder)).exitCode, 5);
  await folder.write({ [`${MOON}.up.txt`]: "drop star" });
  assert.equal((await check(db, folder)).exitCode, 6);
});

Deno.test("status reports applied, failed and pending migrations", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  store.onStatement = (statement) => {
    if (statement === "add crater") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  const { applied, pending, problems, exitCode } = await status(db, folder);
  assert.deepEqual(applied.map(({ id, kind }) => [id, kind]), [
    [STAR, "migrate"],
  ]);
  const [moon] = pending;
  assert.deepEqual(
    [moon?.id, moon?.state, moon?.stepsDone, moon?.steps],
    [MOON, "failed", 1, 2],
  );
  assert.match(moon?.error ?? "", /no room/);
  assert.deepEqual([problems, exitCode], [[], 2]);
});

Deno.test("drift distinguishes manual changes from newer models, and pending files explain the latter", async () => {
  await using folder = await folderOf({
    [`${STAR}.up.txt`]: FILES[`${STAR}.up.txt`] ?? "",
  });
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  const none = await drift(db, folder);
  assert.deepEqual(
    [none.changed, none.since, none.differences, none.exitCode],
    [undefined, undefined, ["add star"], 0],
  );
  assert.equal((await drift(db)).exitCode, 5);
  await migrate(db, folder);
  const clean = await drift(db);
  assert.deepEqual([clean.changed, clean.since, clean.exitCode], [
    false,
    STAR,
    0,
  ]);
  store.models = ["star", "moon"];
  const ahead = await drift(db, folder);
  assert.deepEqual(
    [ahead.changed, ahead.differences, ahead.exitCode],
    [false, ["add moon"], 5],
  );
  await folder.write(FILES);
  assert.equal((await drift(db, folder)).exitCode, 0);
  await migrate(db, folder);
  await rollback(db, folder);
  // A rollback stores the fingerprint to compare with.
  assert.deepEqual((await drift(db, folder)).changed, false);
  store.tables.add("notes");
  const changed = await drift(db, folder);
  assert.deepEqual([changed.changed, changed.exitCode], [true, 5]);
  assert.deepEqual(changed.unmanaged, ["notes"]);
});

Deno.test("drift compares no fingerprint while a migration is partially applied", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  store.onStatement = (statement) => {
    if (statement === "add crater") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  assert.deepEqual((await drift(db, folder)).changed, undefined);
});

Deno.test("assertMigrated accepts a database that matches the models, and no partial migration", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  await assert.rejects(assertMigrated(db), fails(5, /add star/));
  await assert.rejects(
    assertMigrated(db, folder),
    fails(2, /star is pending/, /moon is pending/),
  );
  await migrate(db, { ...folder, steps: 1 });
  await assertMigrated(db);
  // Other objects do not matter.
  store.tables.add("notes");
  await assertMigrated(db);
  store.onStatement = (statement) => {
    if (statement === "add crater") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  await assert.rejects(
    assertMigrated(db),
    fails(2, /moon is partially applied \(1 of 2 steps\)/),
  );
  store.onStatement = () => {};
  await migrate(db, folder);
  await assertMigrated(db, folder);
  store.onStatement = (statement) => {
    if (statement === "drop moon") throw new Error("in use");
  };
  await assert.rejects(rollback(db, folder));
  // The same with and without files.
  const partial = fails(
    4,
    /moon is partially rolled back \(1 of 2 steps\): `dbp rollback` continues/,
  );
  await assert.rejects(assertMigrated(db), partial);
  await assert.rejects(assertMigrated(db, folder), partial);
  await assert.rejects(migrate(db, folder), partial);
  store.onStatement = () => {};
  await rollback(db, folder);
  await migrate(db, folder);
  await folder.write({ [`${STAR}.up.txt`]: "add star\nwait" });
  await assert.rejects(assertMigrated(db, folder), fails(4, /was edited/));
  await assertMigrated(db);
});

Deno.test("stamp records files as applied without running them, up to a migration, and accepts edited files", async () => {
  await using folder = await folderOf({
    ...FILES,
    [`${SUN}.up.txt`]: "add sun",
  });
  const store = emptyMemory(["star"]);
  store.tables.add("star");
  await using db = await connected(store);
  const dry = await stamp(db, { ...folder, dryRun: true });
  assert.deepEqual(dry.stamped, [STAR, MOON, SUN]);
  assert.equal(store.history.size, 0);
  const some = await stamp(db, { ...folder, to: MOON });
  assert.deepEqual([some.stamped, some.accepted], [[STAR, MOON], []]);
  assert.deepEqual(store.ran, []);
  const [star, moon] = await history(db);
  assert.deepEqual([star?.kind, star?.state, star?.managed, moon?.stepsDone], [
    "baseline",
    "applied",
    ["star"],
    2,
  ]);
  const { applied } = await migrate(db, folder);
  assert.deepEqual(applied.map(({ id }) => id), [SUN]);
  await folder.write({ [`${SUN}.up.txt`]: "add sun\nwait" });
  await assert.rejects(migrate(db, folder), fails(4, /was edited/));
  const edited = await stamp(db, folder);
  assert.deepEqual([edited.stamped, edited.accepted], [[], [SUN]]);
  assert.deepEqual((await migrate(db, folder)).applied, []);
  assert.equal((await history(db)).at(-1)?.kind, "migrate");
  await assert.rejects(
    stamp(db, { ...folder, to: "x" }),
    fails(64, /No migration matches "x"/),
  );
});

Deno.test("a partially applied migration that was completed manually can be stamped", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  store.onStatement = (statement) => {
    if (statement === "add crater") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  store.tables.add("crater");
  assert.deepEqual((await stamp(db, folder)).stamped, [MOON]);
  assert.deepEqual((await migrate(db, folder)).applied, []);
});

Deno.test("printSql returns one file of the engine, without completed steps", async () => {
  await using folder = await folderOf({
    ...FILES,
    [`${SUN}.up.txt`]: "destructive drop star\ndrop star",
  });
  const store = emptyMemory();
  await using db = await connected(store);
  const statements = (text: string): string[] =>
    memoryDialect.parse(text, "printed").steps.flatMap(({ statements }) => [
      ...statements,
    ]);
  const all = await printSql(db, folder);
  assert.deepEqual(statements(all), [
    "add star",
    "add moon",
    "add crater",
    "drop star",
  ]);
  assert.match(all, /^destructive drop star$/m);
  assert.match(all, /# .*moon\.up\.txt, step 2 of 2/);
  assert.deepEqual(statements(await printSql(db, { ...folder, to: STAR })), [
    "add star",
  ]);
  assert.deepEqual([store.locks, store.ran], [0, []]);
  store.onStatement = (statement) => {
    if (statement === "add crater") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  assert.deepEqual(statements(await printSql(db, { ...folder, steps: 1 })), [
    "add crater",
  ]);
  store.onStatement = () => {};
  await migrate(db, { ...folder, to: MOON });
  const down = { ...folder, direction: "down" } as const;
  assert.deepEqual(statements(await printSql(db, { ...down, steps: 2 })), [
    "drop crater",
    "drop moon",
    "drop star",
  ]);
  await rollback(db, { ...folder, steps: 2 });
  assert.equal(await printSql(db, down), "");
});

Deno.test("a baseline creates all models, or records the existing tables", async () => {
  const created = emptyMemory(["star", "moon"]);
  const existing = emptyMemory(["star", "moon"]);
  existing.tables.add("star").add("moon").add("notes");
  for (const store of [created, existing]) {
    await using folder = await testFolder();
    await using db = await connected(store);
    const { files, applied, recorded } = await baseline(db, folder);
    assert.match(files?.id ?? "", /^\d{8}T\d{6}_baseline$/);
    assert.match(files?.upText ?? "", /add star[^]*add moon/);
    assert.equal((await folder.names()).length, 2);
    assert.deepEqual(
      store === created ? applied.map(({ id }) => id) : recorded,
      [files?.id],
    );
    const [first] = await history(db);
    assert.deepEqual([first?.kind, first?.state, first?.managed], [
      "baseline",
      "applied",
      ["star", "moon"],
    ]);
    assert.equal((await makeMigrations(db, folder)).files, undefined);
    assert.deepEqual((await migrate(db, folder)).applied, []);
    // A history begins only once.
    assert.deepEqual(await baseline(db, folder), {
      files: undefined,
      recorded: [],
      applied: [],
    });
    assert.equal((await folder.names()).length, 2);
  }
  assert.deepEqual([created.ran, existing.ran], [["add star", "add moon"], []]);
});

Deno.test("processes that begin a history at once write one pair of files", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  store.onStatement = () => new Promise((resolve) => setTimeout(resolve, 2));
  const reports = await Promise.all(
    Array.from({ length: 4 }, async (_, index) => {
      await using db = await connected(store);
      const now = new Date(Date.UTC(2026, 8, 30, 12, 0, index));
      return await baseline(db, { ...folder, now });
    }),
  );
  assert.equal(reports.filter(({ files }) => files !== undefined).length, 1);
  assert.equal((await folder.names()).length, 2);
});

Deno.test("existing files are recorded if the tables exist, and left to migrate otherwise", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory(["star", "moon"]);
  await using db = await connected(store);
  await assert.rejects(
    baseline(db, folder),
    fails(1, /has none of the models' tables.* with `dbp migrate`/),
  );
  store.tables.add("star");
  await assert.rejects(baseline(db, folder), (error) => {
    assert.ok(error instanceof SchemaError);
    assert.deepEqual(error.differences, ["add moon"]);
    return true;
  });
  assert.equal(store.history.size, 0);
  store.tables.add("moon");
  assert.deepEqual((await baseline(db, folder)).recorded, [STAR, MOON]);
  assert.deepEqual(store.ran, []);
});

Deno.test("a baseline that failed stays a baseline when it is continued", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star", "moon"]);
  await using db = await connected(store);
  store.onStatement = (statement) => {
    if (statement === "add moon") throw new Error("no room");
  };
  await assert.rejects(baseline(db, folder), fails(1, /no room/));
  store.onStatement = () => {};
  assert.equal((await migrate(db, folder)).applied[0]?.steps, 1);
  assert.equal((await history(db))[0]?.kind, "baseline");
});

Deno.test("a connection without models has no baseline", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory());
  await assert.rejects(baseline(db, folder), fails(1, /no models/));
});

Deno.test("if the history may not be created, a baseline writes no files", async () => {
  await using folder = await testFolder();
  for (const tables of [[], ["star"]]) {
    const store = emptyMemory(["star"]);
    for (const table of tables) store.tables.add(table);
    store.frozen = true;
    await using db = await connected(store);
    await assert.rejects(baseline(db, folder), fails(1, /Cannot create the/));
    assert.deepEqual(await folder.names(), []);
    assert.deepEqual(store.ran, []);
  }
});
