// A process that dies at any command of any step, or is paused, or meets others: the end is the same.
import { LockError } from "@alerce/db-plugins";
import {
  history,
  makeMigrations,
  migrate,
  status,
} from "@alerce/db-plugins/migrate";
import type { Db } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoChild } from "../../../support/migrating_child.ts";
import {
  catalog,
  documents,
  type Migrated,
  modelOf,
  mongoTest,
  type Place,
} from "../../../support/mongo_migrating.ts";

const id = z.int64();
/** Every kind of step: a collection that comes, one that goes, one with another name; fields renamed, filled and unset; indexes built, made unique and dropped. */
const OLD = [
  modelOf("star", {
    id,
    name: z.string(),
    mag: z.float64().nullable(),
    seen: z.int32(),
  }, {
    primaryKey: ["id"],
    indexes: [{ fields: ["mag"] }, { fields: ["name"] }, { fields: ["seen"] }],
  }),
  modelOf("night", { id }, { primaryKey: ["id"] }),
  modelOf("gone", { id }, { primaryKey: ["id"] }),
];
const YOUNG = [
  modelOf("star", {
    id,
    name: z.string(),
    vmag: z.float64().nullable().meta({ renamedFrom: "mag" }),
    visits: z.int32().default(0),
  }, {
    primaryKey: ["id"],
    unique: [["name"]],
    indexes: [{ fields: ["vmag"] }],
  }),
  modelOf("evening", { id }, { primaryKey: ["id"], renamedFrom: "night" }),
  modelOf("telescope", { id, code: z.string() }, {
    primaryKey: ["id"],
    indexes: [{ fields: ["code"] }],
  }),
];
const DROPS = ["gone", "star.seen"];
/** Short, so that nobody waits for one that is dead. */
const LEASE = { length: 600, renewal: 150 };

/** A database of the old models with documents in it, and a file that makes it the new ones'. */
async function prepared({ directory, open }: Migrated): Promise<Place> {
  const first = await open(OLD);
  await makeMigrations(first, { directory });
  await migrate(first, { directory });
  await fill(first.db);
  const place = await open(YOUNG);
  await makeMigrations(place, { directory, drops: DROPS });
  return place;
}

async function fill(db: Db): Promise<void> {
  const numbers = Array.from({ length: 1200 }, (_, number) => number);
  await db.collection("star").insertMany(
    numbers.map((number) => ({
      id: BigInt(number),
      name: `star ${number}`,
      mag: number % 7 === 0 ? null : number / 10,
      seen: number,
    })),
  );
  await db.collection("night").insertOne({ id: 1n });
  await db.collection("gone").insertOne({ id: 1n });
}

/** How many databases processes die on at the same time. */
const LANES = 6;

mongoTest(
  "SIGKILL as each command of each step is sent, and as it is answered",
  async (place) => {
    let next = 1;
    let isOver = false;
    let steps = 0;
    const lane = async (): Promise<number> => {
      await using own = await place.apart();
      const { directory, settings } = own;
      const young = await prepared(own);
      const { db } = young;
      const old = await own.open(OLD);
      const before = await db.collection("dbp_migrations").find().toArray();
      await migrate(young, { directory });
      const wanted = [await catalog(db), await contents(db)];
      let killed = 0;
      while (!isOver) {
        const killAt = next++;
        for (const { name } of await db.listCollections().toArray()) {
          await db.dropCollection(name);
        }
        await old.createDb();
        await fill(db);
        await db.collection("dbp_migrations").insertMany(before);
        const child = mongoChild({ settings, directory, killAt, lease: LEASE });
        const { err } = await child.ended;
        const last = child.told.at(-1);
        assert.equal(err, "");
        if (last?.kind === "end") isOver = true;
        else {
          killed++;
          assert.notEqual(last?.kind, "failed", last?.message ?? "");
          await migrate(young, { directory, lockWait: 20_000 });
        }
        assert.deepEqual(
          [await catalog(db), await contents(db)],
          wanted,
          `killed at ${killAt}`,
        );
        const records = await history(young);
        assert(records.every(({ state }) => state === "applied"));
        steps = records.at(-1)?.stepsTotal ?? 0;
      }
      return killed;
    };
    const killed = await Promise.all(Array.from({ length: LANES }, lane));
    // Each step sends one command at least.
    const all = killed.reduce((sum, count) => sum + count);
    assert(steps > 10 && all >= 2 * steps, `killed ${all} times in ${steps}`);
  },
);

mongoTest("eight processes at once: one applies", async (place) => {
  const { directory, settings } = place;
  const young = await prepared(place);
  const children = Array.from(
    { length: 8 },
    () => mongoChild({ settings, directory, lease: LEASE }),
  );
  const ended = await Promise.all(children.map(({ ended }) => ended));
  const all = Array.from({ length: 8 }, () => ({ code: 0, err: "" }));
  assert.deepEqual(ended, all);
  const applied = children.map(({ told }) =>
    String(told.find(({ kind }) => kind === "end")?.steps)
  ).sort();
  const done = applied.at(-1);
  assert.match(done ?? "", /^\d+$/);
  assert.deepEqual(applied, [...Array.from({ length: 7 }, () => ""), done]);
  const direct = await place.elsewhere(YOUNG);
  await direct.createDb();
  assert.deepEqual(await catalog(young.db), await catalog(direct.db));
});

mongoTest(
  "one that was killed keeps others waiting for its lease and no longer, and is named",
  async (place) => {
    const { directory, settings } = place;
    const young = await prepared(place);
    const lease = { length: 3000, renewal: 500 };
    const child = mongoChild({ settings, directory, stopAt: 3, lease });
    await child.until(({ kind, step }) => kind === "step" && step === 3);
    child.kill();
    await child.ended;
    assert.match(
      (await status(young, { directory })).holder ?? "",
      new RegExp(`^process ${child.pid} on`),
    );
    await assert.rejects(
      migrate(young, { directory, lockWait: 0 }),
      (error) => {
        assert(error instanceof LockError);
        assert.match(
          error.message,
          new RegExp(`process ${child.pid} on .+, since 20`),
        );
        assert.match(error.holder ?? "", new RegExp(`process ${child.pid} on`));
        return true;
      },
    );
    const waited: string[] = [];
    const { applied } = await migrate(young, {
      directory,
      lockWait: 60_000,
      onProgress: (event) => {
        if (event.kind !== "waiting") return;
        waited.push(event.holder);
        // By the server's clock, and nobody renews it.
        assert((event.endsIn ?? Infinity) <= lease.length);
      },
    });
    assert(waited.length > 0);
    assert.equal(applied.length, 1);
    assert.equal(await young.migrations().holder(), undefined);
  },
);

mongoTest(
  "one that was paused writes nothing after its lease is another's",
  async (place) => {
    const { directory, settings } = place;
    const young = await prepared(place);
    const child = mongoChild({ settings, directory, stopAt: 3, lease: LEASE });
    await child.until(({ kind, step }) => kind === "step" && step === 3);
    await migrate(young, { directory, lockWait: 20_000 });
    const before = [await catalog(young.db), await history(young)];
    await child.goOn();
    await child.ended;
    assert.deepEqual(child.told.at(-1)?.kind, "lock lost");
    assert.match(child.told.at(-1)?.message ?? "", /lost/);
    assert.deepEqual([await catalog(young.db), await history(young)], before);
  },
);

/** Documents without the `_id` that the driver gave them. */
async function contents(db: Db): Promise<unknown> {
  return Object.fromEntries(
    Object.entries(await documents(db)).map(([name, all]) => [
      name,
      all.map(({ _id: _own, ...rest }: { _id: unknown }) => rest),
    ]),
  );
}
