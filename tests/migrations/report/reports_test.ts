// What is told of files, history and schema without changing them, and what is recorded without running it.
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

Deno.test("check tells all at once, worst first, and changes nothing", async () => {
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

Deno.test("check ends on the worst: 6 before 5 before 2, and 0 where nothing is wrong", async () => {
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

Deno.test("status tells what is applied, what failed where, and that something is pending", async () => {
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

Deno.test("drift tells a change by hand from models that are ahead, and files that are pending explain those", async () => {
  await using folder = await folderOf({
    [`${STAR}.up.txt`]: FILES[`${STAR}.up.txt`] ?? "",
  });
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  const none = await drift(db, folder);
  assert.deepEqual(
    [none.changed, none.since, none.differences, none.exitCode],
    [undefined, undefined, ["star is missing"], 0],
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
    [false, ["moon is missing"], 5],
  );
  await folder.write(FILES);
  assert.equal((await drift(db, folder)).exitCode, 0);
  await migrate(db, folder);
  await rollback(db, folder);
  // What a way back left is what is held against.
  assert.deepEqual((await drift(db, folder)).changed, false);
  store.tables.add("notes");
  const changed = await drift(db, folder);
  assert.deepEqual([changed.changed, changed.exitCode], [true, 5]);
  assert.deepEqual(changed.unmanaged, ["notes"]);
});

Deno.test("drift says nothing of a fingerprint while a migration is half done", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  store.onStatement = (statement) => {
    if (statement === "add crater") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  assert.deepEqual((await drift(db, folder)).changed, undefined);
});

Deno.test("a program may start where the database is what its models say, and not where it is half-way there", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  await assert.rejects(assertMigrated(db), fails(5, /star is missing/));
  await assert.rejects(
    assertMigrated(db, folder),
    fails(2, /star is pending/, /moon is pending/),
  );
  await migrate(db, { ...folder, steps: 1 });
  await assertMigrated(db);
  // What else is there is no hindrance.
  store.tables.add("notes");
  await assertMigrated(db);
  store.onStatement = (statement) => {
    if (statement === "add crater") throw new Error("no room");
  };
  await assert.rejects(migrate(db, folder));
  await assert.rejects(
    assertMigrated(db),
    fails(2, /moon is half applied, 1 of 2 steps/),
  );
  store.onStatement = () => {};
  await migrate(db, folder);
  await assertMigrated(db, folder);
  store.onStatement = (statement) => {
    if (statement === "drop moon") throw new Error("in use");
  };
  await assert.rejects(rollback(db, folder));
  // With files and without, as what looks at both says.
  const half = fails(4, /moon is half taken back, 1 of 2.*`dbp rollback` goes/);
  await assert.rejects(assertMigrated(db), half);
  await assert.rejects(assertMigrated(db, folder), half);
  await assert.rejects(migrate(db, folder), half);
  store.onStatement = () => {};
  await rollback(db, folder);
  await migrate(db, folder);
  await folder.write({ [`${STAR}.up.txt`]: "add star\nwait" });
  await assert.rejects(assertMigrated(db, folder), fails(4, /was changed/));
  await assertMigrated(db);
});

Deno.test("stamp records files as applied without running them, as far as is asked, and accepts what was edited", async () => {
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
  await assert.rejects(migrate(db, folder), fails(4, /was changed/));
  const edited = await stamp(db, folder);
  assert.deepEqual([edited.stamped, edited.accepted], [[], [SUN]]);
  assert.deepEqual((await migrate(db, folder)).applied, []);
  assert.equal((await history(db)).at(-1)?.kind, "migrate");
  await assert.rejects(
    stamp(db, { ...folder, to: "x" }),
    fails(64, /no migration x/),
  );
});

Deno.test("what failed half-way and was finished by hand can be stamped", async () => {
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

Deno.test("the text of what would run is one file of the engine's, without what is done", async () => {
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

Deno.test("a baseline makes all models from nothing, or records what is there", async () => {
  const made = emptyMemory(["star", "moon"]);
  const there = emptyMemory(["star", "moon"]);
  there.tables.add("star").add("moon").add("notes");
  for (const store of [made, there]) {
    await using folder = await testFolder();
    await using db = await connected(store);
    const { files, applied, recorded } = await baseline(db, folder);
    assert.match(files?.id ?? "", /^\d{8}T\d{6}_baseline$/);
    assert.match(files?.upText ?? "", /add star[^]*add moon/);
    assert.equal((await folder.names()).length, 2);
    assert.deepEqual(
      store === made ? applied.map(({ id }) => id) : recorded,
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
    // Once begun, it is not begun again.
    assert.deepEqual(await baseline(db, folder), {
      files: undefined,
      recorded: [],
      applied: [],
    });
    assert.equal((await folder.names()).length, 2);
  }
  assert.deepEqual([made.ran, there.ran], [["add star", "add moon"], []]);
});

Deno.test("two that begin a history at once write one pair of files", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  store.onStatement = () => new Promise((resolve) => setTimeout(resolve, 2));
  const reports = await Promise.all(
    Array.from({ length: 4 }, async (_, place) => {
      await using db = await connected(store);
      const now = new Date(Date.UTC(2026, 8, 30, 12, 0, place));
      return await baseline(db, { ...folder, now });
    }),
  );
  assert.equal(reports.filter(({ files }) => files !== undefined).length, 1);
  assert.equal((await folder.names()).length, 2);
});

Deno.test("files that are there are recorded where the tables are, and left to migrate where they are not", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory(["star", "moon"]);
  await using db = await connected(store);
  await assert.rejects(
    baseline(db, folder),
    fails(1, /holds none of the models' tables.*`dbp migrate` applies them/),
  );
  store.tables.add("star");
  await assert.rejects(baseline(db, folder), (error) => {
    assert.ok(error instanceof SchemaError);
    assert.deepEqual(error.differences, ["moon is missing"]);
    return true;
  });
  assert.equal(store.history.size, 0);
  store.tables.add("moon");
  assert.deepEqual((await baseline(db, folder)).recorded, [STAR, MOON]);
  assert.deepEqual(store.ran, []);
});

Deno.test("a baseline that fails half-way stays one when it is gone on with", async () => {
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

Deno.test("there is no baseline of nothing", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory());
  await assert.rejects(baseline(db, folder), fails(1, /no models/));
});

Deno.test("a baseline of who may not make a history writes no files", async () => {
  await using folder = await testFolder();
  for (const tables of [[], ["star"]]) {
    const store = emptyMemory(["star"]);
    for (const table of tables) store.tables.add(table);
    store.frozen = true;
    await using db = await connected(store);
    await assert.rejects(baseline(db, folder), fails(1, /may not make/));
    assert.deepEqual(await folder.names(), []);
    assert.deepEqual(store.ran, []);
  }
});
