// A migration that stopped after any command of any step can be rolled back, and the collections are what they were.
import {
  check,
  history,
  makeMigrations,
  migrate,
  rollback,
  status,
} from "@alerce/db-plugins/migrate";
import type { Document } from "mongodb";
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { partialDirection } from "../../../../src/migrations/history/history.ts";
import { mongoChild } from "../../../support/migrating_child.ts";
import {
  catalog,
  type Migrated,
  modelOf,
  mongoTest,
  type Place,
} from "../../../support/mongo_migrating.ts";
import { randomNumbers, ROUNDS } from "../../../support/rounds.ts";

const id = z.int64();
/** Models for every kind of step that loses nothing. */
const OLD = [
  modelOf("star", {
    id,
    name: z.string(),
    mag: z.float64().nullable(),
    number: z.int32(),
  }, {
    primaryKey: ["id"],
    unique: [["number"]],
    indexes: [{ fields: ["mag"] }, { fields: ["name"] }],
  }),
  modelOf("night", { id }, { primaryKey: ["id"] }),
];
const YOUNG = [
  modelOf("star", {
    id,
    name: z.string(),
    vmag: z.float64().nullable().meta({ renamedFrom: "mag" }),
    number: z.int64(),
    visits: z.int32().default(0),
  }, {
    primaryKey: ["id"],
    unique: [["name"], ["number", "name"]],
    indexes: [{ fields: ["vmag"] }],
  }),
  modelOf("evening", { id }, { primaryKey: ["id"], renamedFrom: "night" }),
  modelOf("telescope", { id, code: z.string() }, {
    primaryKey: ["id"],
    indexes: [{ fields: ["code"] }],
  }),
];
/** Short times, so that nobody waits long for a dead process. */
const LEASE = { length: 600, renewal: 150 };

/** Creates a database of the old models with documents, and a file that migrates it to the new ones. */
async function prepared({ directory, open }: Migrated): Promise<Place> {
  const first = await open(OLD);
  await makeMigrations(first, { directory });
  await migrate(first, { directory });
  await first.db.collection("star").insertMany(stars());
  const place = await open(YOUNG);
  await makeMigrations(place, { directory, name: "second" });
  return place;
}

function stars(): Document[] {
  return Array.from({ length: 20 }, (_, number) => ({
    id: BigInt(number),
    name: `star ${number}`,
    mag: number % 7 === 0 ? null : number / 10,
    number,
  }));
}

async function values(place: Place): Promise<Document[]> {
  const found = await place.db.collection("star").find().sort({ id: 1 })
    .toArray();
  // Values that a step filled stay.
  return found.map(({ _id, visits: _visits, ...rest }) => rest);
}

const random = randomNumbers();
/** Every such command kills a process; at night each command does. */
const STRIDE = ROUNDS > 1 ? 1 : 6;

mongoTest("a killed run can be rolled back at every command", async (place) => {
  const { directory, settings } = place;
  const young = await prepared(place);
  const { db } = young;
  const before = [await catalog(db), await values(young)];
  let partial = 0;
  // The second one is the answer to the first command of the first step.
  let killAt = 2;
  for (;;) {
    const child = mongoChild({ settings, directory, killAt, lease: LEASE });
    await child.ended;
    const last = (await history(young)).at(-1);
    const hasEnded = child.events.at(-1)?.kind === "end";
    if (last !== undefined && partialDirection(last) === "up") {
      partial++;
      const dry = await rollback(young, { directory, dryRun: true });
      assert.equal(dry.pending[0]?.id, last.id);
    }
    if (last?.id.endsWith("_second")) {
      if (hasEnded || partialDirection(last) !== undefined) {
        const { reverted } = await rollback(young, {
          directory,
          lockWait: 120_000,
        });
        assert.equal(reverted[0]?.id, last.id);
      }
    }
    assert.deepEqual(
      [await catalog(db), await values(young)],
      before,
      `killed at ${killAt}`,
    );
    if (hasEnded) break;
    killAt += 1 + Math.floor(random() * STRIDE * 2);
  }
  assert(partial > 8 / STRIDE, `killed ${partial} times`);
  await migrate(young, { directory, lockWait: 120_000 });
  const direct = await place.elsewhere(YOUNG);
  await direct.createDb();
  assert.deepEqual(await catalog(db), await catalog(direct.db));
});

mongoTest(
  "a run that failed at a unique index is rolled back, and the rules are strict again",
  async (place) => {
    const { directory } = place;
    const young = await prepared(place);
    const { db } = young;
    const before = await catalog(db);
    await db.collection("star").updateOne({ id: 3n }, {
      $set: { name: "star 4" },
    });
    await assert.rejects(migrate(young, { directory }), /star 4/);
    const [weak] = await db.listCollections({ name: "star" }).toArray();
    assert.equal(
      weak && "options" in weak && weak.options?.validationAction,
      "warn",
    );
    const reports = [
      await status(young, { directory }),
      await check(young, { directory }),
    ];
    for (const { warnings, pending, exitCode } of reports) {
      assert.deepEqual(warnings, [{
        exitCode: 0,
        kind: "schema",
        problem:
          "The validation of star is moderate and warn until the migration is completed or rolled back: documents that break its rules are accepted",
      }]);
      assert.equal(pending[0]?.state, "failed");
      assert.equal(exitCode, 2);
    }
    const { reverted } = await rollback(young, { directory });
    assert.match(reverted[0]?.id ?? "", /_second$/);
    assert.deepEqual(await catalog(db), before);
    const after = await status(young, { directory });
    assert.equal(after.warnings, undefined);
    assert.deepEqual(
      [after.applied.length, after.pending[0]?.state, after.pending.length],
      [1, undefined, 1],
    );
    await db.collection("star").updateOne({ id: 3n }, {
      $set: { name: "star 3" },
    });
    await migrate(young, { directory });
    await rollback(young, { directory });
    assert.deepEqual(await catalog(db), before);
  },
);

/** Applies a manual file that fails at its last command, and returns the error of its rollback. */
async function failing(
  { directory, open }: Migrated,
  commands: readonly Document[],
  down: readonly Document[] = [],
  existing?: Document,
): Promise<{ place: Place; rollback: () => Promise<unknown> }> {
  const place = await open(OLD);
  await makeMigrations(place, { directory });
  await migrate(place, { directory });
  if (existing !== undefined) await place.db.command(existing);
  const { files } = await makeMigrations(place, { directory, empty: true });
  assert(files !== undefined);
  const failed = { create: "star" };
  const text = (all: readonly Document[]) => JSON.stringify(all, null, 1);
  const write = (name: string, all: readonly Document[]) =>
    Deno.writeTextFile(join(directory, "mongo", name), text(all));
  const up = files.up.split("/").at(-1) ?? "";
  await write(up, [...commands, failed]);
  await write(up.replace(".up.", ".down."), [
    ...down,
    { collMod: "star", validationLevel: "strict", validationAction: "error" },
  ]);
  await assert.rejects(migrate(place, { directory }), /already exists/);
  return { place, rollback: () => rollback(place, { directory }) };
}

mongoTest("steps that changed documents are not undone", async (place) => {
  const { rollback } = await failing(place, [
    {
      insert: "star",
      documents: [{
        _id: 1,
        id: { $numberLong: "1" },
        name: "a",
        mag: null,
        number: 1,
      }],
    },
  ]);
  await assert.rejects(
    rollback(),
    /Cannot roll back .*: it is partially applied \(1 of 2 steps\), and a step that is done changed documents, which nothing can restore: insert star\. `dbp migrate` continues it/,
  );
});

mongoTest("steps that lost data are not undone", async (place) => {
  const { rollback } = await failing(place, [
    { dbp: "destructive drop-collection night" },
    { drop: "night" },
  ]);
  await assert.rejects(
    rollback(),
    /it is partially applied \(1 of 2 steps\), and line \d+ of .* is done and has lost data\. `dbp migrate` continues it/,
  );
});

mongoTest(
  "new collections of any kind, options and indexes of a manual file are undone",
  async (place) => {
    const commands = [
      { create: "capped", capped: true, size: 4096 },
      {
        create: "series",
        timeseries: { timeField: "at", metaField: "sensor" },
      },
      { create: "bright", viewOn: "star", pipeline: [{ $match: { mag: 1 } }] },
      { collMod: "night", changeStreamPreAndPostImages: { enabled: true } },
      {
        createIndexes: "star",
        indexes: [{ name: "both", key: { mag: 1, name: -1 }, sparse: true }],
      },
      { collMod: "star", index: { name: "ix_star_mag", hidden: true } },
    ];
    const { place: opened, rollback } = await failing(place, commands, [
      { collMod: "star", index: { name: "ix_star_mag", hidden: false } },
      { dropIndexes: "star", index: "both" },
      { collMod: "night", changeStreamPreAndPostImages: { enabled: false } },
      ...["bright", "series", "capped"].flatMap((name) => [
        { dbp: `destructive drop-collection ${name}` },
        { drop: name },
      ]),
    ]);
    await rollback();
    const direct = await place.elsewhere(OLD);
    await direct.createDb();
    const { "system.views": _views, ...left } = await catalog(opened.db);
    assert.deepEqual(left, await catalog(direct.db));
  },
);

mongoTest(
  "documents that break the earlier rules stop the rollback, which continues when they are corrected",
  async (place) => {
    const { directory } = place;
    const young = await prepared(place);
    const { db } = young;
    const before = await catalog(db);
    await db.collection("star").updateOne({ id: 3n }, {
      $set: { name: "star 4" },
    });
    await assert.rejects(migrate(young, { directory }), /star 4/);
    await db.collection("star").insertOne({ id: 99n, number: 99 });
    await assert.rejects(
      rollback(young, { directory }),
      /1 document of star would break the rules, for example id 99 \(.*\)\. Correct them/,
    );
    const { problems, warnings } = await status(young, { directory });
    assert.match(
      problems[0]?.problem ?? "",
      /partially rolled back .*`dbp rollback` continues it/,
    );
    assert.match(warnings?.[0]?.problem ?? "", /^The validation of star is/);
    await db.collection("star").deleteOne({ id: 99n });
    await rollback(young, { directory });
    assert.deepEqual(await catalog(db), before);
    const records = await history(young);
    assert.equal(records.at(-1)?.state, "reverted");
  },
);

mongoTest("an option that cannot be changed back is named", async (place) => {
  const series = { create: "series", timeseries: { timeField: "at" } };
  const { rollback } = await failing(place, [
    { collMod: "series", timeseries: { granularity: "minutes" } },
  ], [
    { dbp: "destructive drop-collection series" },
    { drop: "series" },
    series,
  ], series);
  await assert.rejects(
    rollback(),
    /a step that is done changed the timeseries of series, which MongoDB cannot change back/,
  );
});
