// Files become a schema: each once, in order, step by step, and an interrupted run continues. On a third engine, which src/ does not know.
import { LockError } from "@alerce/db-plugins";
import type { MigrationEvent } from "@alerce/db-plugins/engine";
import {
  check,
  history,
  makeMigrations,
  migrate,
  rollback,
  stamp,
  status,
} from "@alerce/db-plugins/migrate";
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
  soon,
  STAR,
  SUN,
  testFolder,
} from "../../support/migrations_folder.ts";

const FILES = {
  [`${STAR}.up.txt`]: "add star",
  [`${STAR}.down.txt`]: "drop star",
  [`${MOON}.up.txt`]: "step\nadd moon\nstep\nadd crater\nstep\nadd dust",
  [`${MOON}.down.txt`]: "step\ndrop dust\nstep\ndrop crater\nstep\ndrop moon",
};

/** Throws an error before a statement runs. */
function failAt(store: Memory, statement: string, error: unknown): void {
  store.onStatement = (each) => {
    if (each === statement) throw error;
  };
}

Deno.test("files are applied once and in order, and the history records them", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory(["star", "moon"]);
  await using db = await connected(store);
  const events: string[] = [];
  const onProgress = (event: MigrationEvent): void =>
    void events.push(
      [
        event.kind,
        "id" in event ? event.id : "",
        "step" in event ? event.step : "",
      ].join(" ")
        .trim(),
    );
  const before = Date.now();
  const { applied, pending } = await migrate(db, { ...folder, onProgress });
  assert.deepEqual(
    applied.map(({ id, steps }) => [id, steps]),
    [[STAR, 1], [MOON, 3]],
  );
  assert.deepEqual(pending, []);
  assert.deepEqual([...store.tables], ["star", "moon", "crater", "dust"]);
  assert.deepEqual(events, [
    "locked",
    `migration ${STAR}`,
    `step ${STAR} 1`,
    `done ${STAR}`,
    `migration ${MOON}`,
    `step ${MOON} 1`,
    `step ${MOON} 2`,
    `step ${MOON} 3`,
    `done ${MOON}`,
  ]);
  const [star, moon] = await history(db);
  assert.ok(star && moon && star.startedAt <= moon.startedAt);
  assert.ok(star.startedAt.getTime() >= before);
  assert.deepEqual(
    [moon.state, moon.direction, moon.kind, moon.stepsDone, moon.stepsTotal],
    ["applied", "up", "migrate", 3, 3],
  );
  assert.deepEqual([star.fingerprint, star.managed], ["star", ["star"]]);
  assert.deepEqual(moon.managed, ["star", "moon"]);
  assert.equal(moon.downText, FILES[`${MOON}.down.txt`]);
  assert.match(moon.toolVersion, /^\d+\.\d+\.\d+$/);
});

Deno.test("if nothing is pending, no lock is acquired", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  await migrate(db, folder);
  store.holder = {};
  assert.deepEqual((await migrate(db, { ...folder, lockWait: 0 })).applied, []);
  assert.equal(store.locks, 1);
  await folder.write({ [`${SUN}.up.txt`]: "add sun" });
  await assert.rejects(
    migrate(db, { ...folder, lockWait: 0 }),
    (error) => error instanceof LockError && error.holder === "another one",
  );
});

Deno.test("several processes at once apply each file once", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  store.onStatement = () => new Promise((resolve) => setTimeout(resolve, 2));
  const reports = await Promise.all(
    Array.from({ length: 8 }, async () => {
      await using db = await connected(store);
      return await migrate(db, folder);
    }),
  );
  assert.deepEqual(
    reports.flatMap(({ applied }) => applied.map(({ id }) => id)),
    [STAR, MOON],
  );
  assert.deepEqual(store.ran.length, 4);
  assert.equal(store.holder, undefined);
});

Deno.test("a dry run reports pending migrations; to and steps limit a run", async () => {
  await using folder = await folderOf({
    ...FILES,
    [`${SUN}.up.txt`]: "add sun",
  });
  const store = emptyMemory();
  await using db = await connected(store);
  const dry = await migrate(db, { ...folder, dryRun: true });
  assert.deepEqual(dry.pending.map(({ id, steps }) => [id, steps]), [
    [STAR, 1],
    [MOON, 3],
    [SUN, 1],
  ]);
  assert.deepEqual([dry.applied, store.locks, store.history.size], [[], 0, 0]);
  const one = await migrate(db, { ...folder, steps: 1 });
  assert.deepEqual(one.applied.map(({ id }) => id), [STAR]);
  assert.deepEqual(one.pending.map(({ id }) => id), [MOON, SUN]);
  const two = await migrate(db, { ...folder, to: "20260930T120001" });
  assert.deepEqual(two.applied.map(({ id }) => id), [MOON]);
  // An applied migration as the limit applies nothing more.
  assert.deepEqual((await migrate(db, { ...folder, to: STAR })).applied, []);
  assert.equal(store.tables.has("sun"), false);
  await assert.rejects(
    migrate(db, { ...folder, to: "20260930T120003_sun" }),
    fails(
      64,
      /No migration matches "20260930T120003_sun"; did you mean 2026.*_sun\?/,
    ),
  );
  await assert.rejects(
    migrate(db, { ...folder, to: "2026" }),
    fails(64, /"2026" matches several migrations: .*star, .*moon, .*sun/),
  );
  await assert.rejects(migrate(db, { ...folder, to: "" }), fails(64));
  for (const steps of [0, -1, 1.5, NaN]) {
    await assert.rejects(
      migrate(db, { ...folder, steps }),
      fails(64, /whole number/),
    );
  }
  await assert.rejects(
    migrate(db, { ...folder, steps: 1, to: SUN }),
    fails(64, /--to and --steps/),
  );
  await assert.rejects(migrate(db, { ...folder, lockWait: NaN }), fails(64));
});

Deno.test("a failed step is named and recorded, and the next run continues there, even if later steps were edited", async () => {
  await using folder = await folderOf({
    ...FILES,
    [`${SUN}.up.txt`]: "add sun",
  });
  const store = emptyMemory(["star", "moon", "crater", "dust", "sun"]);
  await using db = await connected(store);
  failAt(
    store,
    "add crater",
    Object.assign(new Error("no room"), { code: "53100" }),
  );
  await assert.rejects(
    migrate(db, folder),
    fails(
      1,
      /moon\.up\.txt:3, step 2 of 3: no room\. .*`dbp migrate` continues/,
    ),
  );
  assert.deepEqual([...store.tables], ["star", "moon"]);
  const moon = store.history.get(MOON);
  assert.ok(moon);
  assert.deepEqual(
    [moon.state, moon.stepsDone, moon.stepsTotal, moon.code],
    ["failed", 1, 3, "53100"],
  );
  assert.match(moon.error ?? "", /no room/);
  const [partial, next] = (await status(db, folder)).pending;
  assert.deepEqual(
    [
      partial?.id,
      partial?.state,
      partial?.stepsDone,
      partial?.steps,
      partial?.outOfOrder,
    ],
    [MOON, "failed", 1, 3, false],
  );
  assert.equal(next?.id, SUN);

  await folder.write({
    [`${MOON}.up.txt`]: "step\n# done\nadd  moon\nstep\nadd dust\nstep\nwait",
  });
  store.onStatement = () => {};
  store.ran.length = 0;
  const { applied } = await migrate(db, folder);
  assert.deepEqual(applied.map(({ id, steps }) => [id, steps]), [
    [MOON, 2],
    [SUN, 1],
  ]);
  assert.deepEqual(store.ran, ["add dust", "wait", "add sun"]);
  const done = store.history.get(MOON);
  assert.deepEqual(
    [done?.state, done?.error, done?.code, done?.stepHashes.length],
    ["applied", undefined, undefined, 3],
  );
});

Deno.test("completed steps may not be edited before a run continues", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  failAt(store, "add dust", new Error("no room"));
  await assert.rejects(migrate(db, folder));
  store.onStatement = () => {};
  await folder.write({
    [`${MOON}.up.txt`]: "step\nadd moon\nstep\nadd lake\nstep\nadd dust",
  });
  await assert.rejects(
    migrate(db, folder),
    fails(4, /moon\.up\.txt: step 2 was edited after it ran on 20/),
  );
  // Nor may they be removed.
  await folder.write({ [`${MOON}.up.txt`]: "step\nadd moon" });
  await assert.rejects(migrate(db, folder), fails(4, /step 2 was edited/));
  await folder.remove(`${MOON}.up.txt`, `${MOON}.down.txt`);
  await assert.rejects(
    migrate(db, folder),
    fails(4, /moon is partially applied \(2 of 3 .* restore the file/),
  );
  assert.deepEqual([...store.tables], ["star", "moon", "crater"]);
  await folder.write(FILES);
  assert.equal((await migrate(db, folder)).applied[0]?.steps, 1);
});

Deno.test("a step whose commit returned an error does not run again", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  let commits = 0;
  store.onStatement = (statement) => {
    if (statement === "commit" && ++commits === 2) {
      throw new Error("the connection was lost");
    }
  };
  await assert.rejects(migrate(db, folder), fails(1, /connection was lost/));
  assert.equal(store.history.get(MOON)?.stepsDone, 1);
  await migrate(db, folder);
  assert.deepEqual(store.ran, [
    "add star",
    "add moon",
    "add crater",
    "add dust",
  ]);
});

Deno.test("a run that was killed after its last step is completed by the next run", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  await migrate(db, folder);
  const record = store.history.get(MOON);
  assert.ok(record);
  store.history.set(MOON, { ...record, state: "running" });
  const { applied } = await migrate(db, folder);
  assert.deepEqual(applied.map(({ id, steps }) => [id, steps]), [[MOON, 0]]);
  assert.equal(store.history.get(MOON)?.state, "applied");
  assert.equal(store.ran.length, 4);
});

Deno.test("a run that lost the lock writes nothing more", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  const other = {};
  store.onStatement = (statement) => {
    if (statement !== "add crater") return;
    const record = store.history.get(MOON);
    assert.ok(record);
    // Another process holds it now, and continues the same migration.
    store.holder = other;
    store.history.set(MOON, { ...record, host: "there", stepsDone: 2 });
    throw new LockError("The lock was lost");
  };
  await assert.rejects(migrate(db, folder), LockError);
  assert.equal(store.history.get(MOON)?.host, "there");
  assert.equal(store.history.get(MOON)?.state, "running");
  assert.equal(store.holder, other);
});

Deno.test("a signal stops a run between two steps, releases the lock and is recorded", async () => {
  await using folder = await folderOf({
    ...FILES,
    [`${SUN}.up.txt`]: "add sun",
  });
  const store = emptyMemory();
  await using db = await connected(store);
  const stop = new AbortController();
  store.onStatement = (statement) => {
    if (statement === "add crater") stop.abort();
  };
  await assert.rejects(
    migrate(db, { ...folder, signal: stop.signal }),
    fails(1, /Stopped after step 2 of 3 of .*moon\.up\.txt/),
  );
  assert.deepEqual([...store.tables], ["star", "moon", "crater"]);
  assert.equal(store.holder, undefined);
  const moon = store.history.get(MOON);
  assert.deepEqual([moon?.state, moon?.stepsDone], ["failed", 2]);
  assert.match(moon?.error ?? "", /Stopped after step 2 of 3/);
  await assert.rejects(
    migrate(db, { ...folder, signal: AbortSignal.abort() }),
    fails(1, /Stopped while waiting for the migration lock at memory/),
  );
  assert.equal((await migrate(db, folder)).applied.length, 2);
});

Deno.test("a signal is handled even if the engine works in this process without a pause", async () => {
  for (const [last, next] of [["add crater", "comet"], ["commit", "moon"]]) {
    await using folder = await folderOf({
      [`${STAR}.up.txt`]: "add star\nadd crater\nstep\nadd comet",
      [`${MOON}.up.txt`]: "add moon",
    });
    const store = emptyMemory();
    await using db = await connected(store);
    const stop = new AbortController();
    const timers: ReturnType<typeof setTimeout>[] = [];
    store.onStatement = (statement) => {
      if (statement === last) timers.push(setTimeout(() => stop.abort()));
    };
    await assert.rejects(
      migrate(db, { ...folder, signal: stop.signal }),
      fails(1, /^Stopped /),
    );
    timers.forEach(clearTimeout);
    assert.equal(store.tables.has(String(next)), false);
  }
});

Deno.test("a signal between two migrations does not begin the second", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  const stop = new AbortController();
  store.onStatement = () => stop.abort();
  await assert.rejects(
    migrate(db, { ...folder, signal: stop.signal }),
    fails(1, /Stopped before .*moon/),
  );
  assert.equal(store.history.get(STAR)?.state, "applied");
  assert.equal(store.history.has(MOON), false);
});

Deno.test("an edited or missing file of an applied migration is an error with its name and time", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  await migrate(db, folder);
  const finished = store.history.get(STAR)?.finishedAt?.toISOString() ?? "";
  const when = `${finished.slice(0, 10)} ${finished.slice(11, 19)} UTC`;
  await folder.write({ [`${STAR}.up.txt`]: "add star\nadd comet" });
  await assert.rejects(
    migrate(db, folder),
    fails(4, /star\.up\.txt was edited after it was applied/, RegExp(when)),
  );
  await folder.write(FILES);
  await folder.remove(`${STAR}.up.txt`, `${STAR}.down.txt`);
  await assert.rejects(
    migrate(db, folder),
    fails(4, /star was applied on/, /its file is not in/, RegExp(when)),
  );
  const { applied } = await status(db, folder);
  assert.deepEqual(applied.map(({ id, missing }) => [id, missing]), [
    [STAR, true],
    [MOON, false],
  ]);
});

Deno.test("files that a later baseline replaces may be removed", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  await migrate(db, folder);
  await folder.remove(...Object.keys(FILES));
  await folder.write({ [`${SUN}.up.txt`]: "add star\nadd moon" });
  await assert.rejects(migrate(db, folder), fails(4, /None of the 2 migr/));
  await stamp(db, folder);
  assert.deepEqual((await migrate(db, folder)).applied, []);
  // The baseline does not replace what was applied after it.
  const late = "20260930T110000_late";
  await folder.write({ [`${late}.up.txt`]: "add late" });
  await migrate(db, { ...folder, outOfOrder: true });
  await folder.remove(`${late}.up.txt`);
  await assert.rejects(
    migrate(db, folder),
    fails(4, /late was applied on .* its file is not in/),
  );
});

Deno.test("a file older than an applied one is out of order, unless that is allowed", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  await migrate(db, folder);
  const late = "20260930T110000_late";
  await folder.write({
    [`${late}.up.txt`]: "add late",
    [`${late}.down.txt`]: "drop late",
    [`${SUN}.up.txt`]: "add sun",
  });
  const outOfOrder = fails(
    4,
    /late\.up\.txt is out of order: it is older than \w+_moon/,
    /apply it with `dbp migrate --allow-out-of-order`. If no database has it yet, rename its files to \w+_late instead$/,
  );
  await assert.rejects(migrate(db, folder), outOfOrder);
  await assert.rejects(migrate(db, { ...folder, dryRun: true }), outOfOrder);
  assert.equal(store.tables.has("sun"), false);
  const { pending, problems } = await status(db, folder);
  assert.deepEqual(pending.map(({ outOfOrder }) => outOfOrder), [true, false]);
  assert.deepEqual(problems.map(({ kind }) => kind), ["out-of-order"]);
  const report = await migrate(db, { ...folder, outOfOrder: true });
  assert.deepEqual(report.applied.map(({ id }) => id), [late, SUN]);
  assert.deepEqual(report.outOfOrder, [late]);
  assert.equal((await status(db, folder)).exitCode, 0);
});

Deno.test("a partial migration is completed before late files, whatever the limit is", async () => {
  await using folder = await folderOf({
    [`${MOON}.up.txt`]: "add moon\nstep\nfail",
  });
  const store = emptyMemory();
  await using db = await connected(store);
  await assert.rejects(migrate(db, folder), fails(1, /fail is impossible/));
  const late = "20260930T110000_late";
  await folder.write({
    [`${late}.up.txt`]: "add late",
    [`${MOON}.up.txt`]: "add moon\nstep\nadd crater",
  });
  const { applied } = await migrate(db, {
    ...folder,
    outOfOrder: true,
    to: late,
  });
  assert.deepEqual(applied.map(({ id }) => id), [MOON, late]);
});

Deno.test("a file that failed before its first step does not make older files out of order", async () => {
  await using folder = await folderOf({ [`${MOON}.up.txt`]: "fail" });
  const store = emptyMemory();
  await using db = await connected(store);
  await assert.rejects(migrate(db, folder), fails(1, /fail is impossible/));
  await folder.write({ [`${STAR}.up.txt`]: "add star" });
  await folder.write({ [`${MOON}.up.txt`]: "add moon" });
  const { applied, outOfOrder } = await migrate(db, folder);
  assert.deepEqual(applied.map(({ id }) => id), [STAR, MOON]);
  assert.deepEqual(outOfOrder, []);
  // It may also be removed.
  await folder.write({ [`${SUN}.up.txt`]: "fail" });
  await assert.rejects(migrate(db, folder));
  await folder.remove(`${SUN}.up.txt`);
  assert.equal((await status(db, folder)).exitCode, 0);
});

Deno.test("a file without statements is never recorded as applied", async () => {
  await using folder = await testFolder();
  const store = emptyMemory();
  await using db = await connected(store);
  for (const text of ["", "# to be written\n"]) {
    await folder.write({ [`${STAR}.up.txt`]: text });
    await assert.rejects(
      migrate(db, folder),
      fails(4, /star\.up\.txt has no statement/),
    );
  }
  assert.equal(store.history.size, 0);
  assert.equal((await status(db, folder)).exitCode, 4);
});

Deno.test("a file that breaks a lint rule is refused before anything runs, with its line", async () => {
  await using folder = await testFolder();
  const store = emptyMemory();
  await using db = await connected(store);
  await folder.write({
    [`${STAR}.up.txt`]: "add star",
    [`${MOON}.up.txt`]: "wait\nstep\ndrop star",
  });
  await assert.rejects(
    migrate(db, folder),
    fails(6, /moon\.up\.txt:2: drop star loses rows.*\(drop\)/),
  );
  assert.equal(store.tables.size, 0);
  // Only files that would run now are checked.
  assert.equal((await migrate(db, { ...folder, steps: 1 })).applied.length, 1);
  await folder.write({
    [`${MOON}.up.txt`]: "destructive drop star\nwait\nstep\ndrop star",
  });
  const dry = await migrate(db, { ...folder, dryRun: true });
  assert.deepEqual(dry.pending[0]?.destructive, ["drop star"]);
  await migrate(db, folder);
  assert.equal(store.tables.size, 0);
});

Deno.test("a history of a newer version is not changed", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  await migrate(db, { ...folder, steps: 1 });
  const star = store.history.get(STAR);
  assert.ok(star);
  store.history.set(STAR, { ...star, format: 2, toolVersion: "9.1.0" });
  for (const look of [migrate, status, history]) {
    await assert.rejects(
      look(db, folder),
      fails(4, /newer than this version/, /9\.1\.0/, /Use a later version/),
    );
  }
  assert.equal(store.tables.size, 1);
});

Deno.test("the order of application is kept even if the clock of this machine is behind", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  await migrate(db, { ...folder, steps: 1 });
  const star = store.history.get(STAR);
  assert.ok(star);
  const ahead = new Date(Date.now() + 3_600_000);
  store.history.set(STAR, { ...star, startedAt: ahead });
  await migrate(db, folder);
  assert.deepEqual((await history(db)).map(({ id }) => id), [STAR, MOON]);
});

Deno.test("a migration is named by its time, its name, or the beginning of one; errors list the existing ones", async () => {
  await using folder = await folderOf({
    [`${STAR}.up.txt`]: "add star",
    [`${MOON}.up.txt`]: "add moon",
    [`${SUN}.up.txt`]: "add sun",
  });
  await using db = await connected(emptyMemory());
  const upTo = async (to: string): Promise<number> =>
    (await migrate(db, { ...folder, to, dryRun: true })).pending.length;
  assert.equal(await upTo("20260930T120001"), 2);
  assert.equal(await upTo("moon"), 2);
  assert.equal(await upTo("mo"), 2);
  await assert.rejects(upTo("s"), fails(64, /"s" matches .*star, .*sun$/));
  await assert.rejects(
    upTo("galaxy"),
    fails(
      64,
      /No migration matches "galaxy"; existing: .*star, .*moon, .*sun$/,
    ),
  );
  await assert.rejects(upTo("monn"), fails(64, /did you mean .*_moon\?/));
  await folder.write(Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [
      `20261001T1200${n + 10}_comet_${n}.up.txt`,
      `add comet_${n}`,
    ]),
  ));
  await assert.rejects(
    upTo("comet"),
    fails(
      64,
      /^"comet" matches several migrations: 20261001T120020_comet_10, .*_comet_19 and 10 older ones$/,
    ),
  );
});

Deno.test("a folder without files differs from one whose files are all applied", async () => {
  await using folder = await testFolder();
  await using db = await connected(emptyMemory());
  assert.equal((await migrate(db, folder)).files, 0);
  await folder.write({ [`${STAR}.up.txt`]: "add star" });
  await migrate(db, folder);
  assert.deepEqual((await migrate(db, folder)).files, 1);
});

Deno.test("a file with a time in the future is refused, and named with the time that it may have", async () => {
  await using folder = await folderOf(FILES);
  const store = emptyMemory();
  await using db = await connected(store);
  const future = soon("future", 3600);
  await folder.write({ [`${future}.up.txt`]: "add future" });
  const refused = fails(
    4,
    /_future\.up\.txt is [\w ]+ in the future: its name says .* UTC, and it is .* UTC/,
    /Rename its files to \d{8}T\d{6}_future, or correct the clock/,
  );
  await assert.rejects(migrate(db, folder), refused);
  await assert.rejects(migrate(db, { ...folder, dryRun: true }), refused);
  await assert.rejects(stamp(db, folder), refused);
  assert.equal(store.tables.size, 0);
  const { exitCode, problems } = await status(db, folder);
  assert.equal(exitCode, 4);
  assert.deepEqual(problems.map(({ kind }) => kind), ["future"]);
  assert.equal((await check(db, folder)).problems[0]?.kind, "future");
  await folder.remove(`${future}.up.txt`);
  // The clocks of two machines may differ by minutes.
  await folder.write({ [`${soon("near", 300)}.up.txt`]: "add near" });
  const { applied } = await migrate(db, folder);
  assert.equal(applied.length, 3);
});

Deno.test("a migration without a down file is reported before it is applied, by status, and by check", async () => {
  await using folder = await folderOf(FILES);
  await using db = await connected(emptyMemory());
  await folder.remove(`${MOON}.down.txt`);
  const events: MigrationEvent[] = [];
  const planned = await migrate(db, { ...folder, dryRun: true });
  const { warnings } = await migrate(db, {
    ...folder,
    onProgress: (event) => events.push(event),
  });
  const [warning] = warnings ?? [];
  assert.match(
    warning?.problem ?? "",
    /_moon has no down file: it could not be rolled back\. Write the file, or write `dbp:irreversible` with the reason/,
  );
  assert.deepEqual(planned.warnings, warnings);
  assert.deepEqual(events[1], { kind: "warning", warning: warning?.problem });
  for (const report of [await status(db, folder), await check(db, folder)]) {
    assert.deepEqual(report.warnings?.map(({ id, kind }) => [id, kind]), [
      [MOON, "no-down"],
    ]);
    assert.match(
      report.warnings?.[0]?.problem ?? "",
      /_moon has no down file: it cannot be rolled back/,
    );
    assert.equal(report.exitCode, 0);
  }
});

Deno.test("a migration that was removed does not give a later one a time in the future", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  await using db = await connected(store);
  const removed = soon("removed", 500);
  await folder.write({
    [`${removed}.up.txt`]: "add moon",
    [`${removed}.down.txt`]: "drop moon",
  });
  await migrate(db, folder);
  await rollback(db, folder);
  await folder.remove(`${removed}.up.txt`);
  await folder.remove(`${removed}.down.txt`);
  const { files } = await makeMigrations(db, folder);
  assert.ok((files?.id ?? "") < soon("", 5), `${files?.id}`);
});
