// A process that is killed at any command of any step, is paused, or runs beside others: the result is the same.
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
import { randomNumbers, ROUNDS } from "../../../support/rounds.ts";
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
/** Models for every kind of step: a collection added, dropped and renamed; fields renamed, filled and unset; indexes built, made unique and dropped. */
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
/** Short times, so that nobody waits long for a dead process. */
const LEASE = { length: 600, renewal: 150 };

/** Creates a database of the old models with documents, and a file that migrates it to the new ones. */
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

/** Number of databases on which processes are killed at the same time. */
const LANES = ROUNDS > 1 ? 4 : 2;
/** Every such command kills a process, from a random one on; at night each command does. */
const STRIDE = ROUNDS > 1 ? 1 : 9;

mongoTest(
  "SIGKILL when each command of each step is sent, and when it is answered",
  async (place) => {
    let next = 1 + Math.floor(randomNumbers()() * STRIDE);
    let hasEnded = false;
    let steps = 0;
    const lane = async (): Promise<number> => {
      await using own = await place.apart();
      const { directory, settings } = own;
      const young = await prepared(own);
      const { db } = young;
      const old = await own.open(OLD);
      const before = await db.collection("dbp_migrations").find().toArray();
      await migrate(young, { directory });
      const expected = [await catalog(db), await contents(db)];
      let killed = 0;
      while (!hasEnded) {
        const killAt = next;
        next += STRIDE;
        for (const { name } of await db.listCollections().toArray()) {
          await db.dropCollection(name);
        }
        await old.createDb();
        await fill(db);
        await db.collection("dbp_migrations").insertMany(before);
        const child = mongoChild({ settings, directory, killAt, lease: LEASE });
        const { err } = await child.ended;
        const last = child.events.at(-1);
        assert.equal(err, "");
        if (last?.kind === "end") hasEnded = true;
        else {
          killed++;
          assert.notEqual(last?.kind, "failed", last?.message ?? "");
          await migrate(young, { directory, lockWait: 120_000 });
        }
        assert.deepEqual(
          [await catalog(db), await contents(db)],
          expected,
          `killed at ${killAt}`,
        );
        const records = await history(young);
        assert(records.every(({ state }) => state === "applied"));
        steps = records.at(-1)?.stepsTotal ?? 0;
      }
      return killed;
    };
    const killed = await Promise.all(Array.from({ length: LANES }, lane));
    // Each step sends at least one command.
    const all = killed.reduce((sum, count) => sum + count);
    assert(
      steps > 10 && (all + 1) * STRIDE >= 2 * steps,
      `killed ${all} times in ${steps}`,
    );
  },
);

/** Number of processes that apply a file at the same time. */
const PROCESSES = ROUNDS > 1 ? 8 : 4;

mongoTest(
  "one of several processes at once applies the file",
  async (place) => {
    const { directory, settings } = place;
    const young = await prepared(place);
    // A holder that a busy machine stops for longer would rightly lose a short lease.
    const lease = { ...LEASE, length: 60_000 };
    const children = Array.from(
      { length: PROCESSES },
      () => mongoChild({ settings, directory, lease }),
    );
    const ended = await Promise.all(children.map(({ ended }) => ended));
    const all = Array.from(children, () => ({ code: 0, err: "" }));
    assert.deepEqual(ended, all);
    const applied = children.map(({ events }) =>
      String(events.find(({ kind }) => kind === "end")?.steps)
    ).sort();
    const done = applied.at(-1);
    assert.match(done ?? "", /^\d+$/);
    assert.deepEqual(applied, [...children.slice(1).map(() => ""), done]);
    const direct = await place.elsewhere(YOUNG);
    await direct.createDb();
    assert.deepEqual(await catalog(young.db), await catalog(direct.db));
  },
);

mongoTest(
  "a killed process blocks others until its lease expires, and is named",
  async (place) => {
    const { directory, settings } = place;
    const young = await prepared(place);
    const lease = { length: 5_000, renewal: 500 };
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
        // The server's clock counts, and nobody renews the lease.
        assert((event.endsIn ?? Infinity) <= lease.length);
      },
    });
    assert(waited.length > 0);
    assert.equal(applied.length, 1);
    assert.equal(await young.migrations().holder(), undefined);
  },
);

mongoTest(
  "a paused process writes nothing after another process acquired the lease",
  async (place) => {
    const { directory, settings } = place;
    const young = await prepared(place);
    const child = mongoChild({ settings, directory, stopAt: 3, lease: LEASE });
    await child.until(({ kind, step }) => kind === "step" && step === 3);
    await migrate(young, { directory, lockWait: 120_000 });
    const before = [await catalog(young.db), await history(young)];
    await child.goOn();
    await child.ended;
    assert.deepEqual(child.events.at(-1)?.kind, "lock lost");
    assert.match(child.events.at(-1)?.message ?? "", /Lost the migration lock/);
    assert.deepEqual([await catalog(young.db), await history(young)], before);
  },
);

/** Returns documents without the `_id` that the driver generated. */
async function contents(db: Db): Promise<unknown> {
  return Object.fromEntries(
    Object.entries(await documents(db)).map(([name, all]) => [
      name,
      all.map(({ _id: _own, ...rest }: { _id: unknown }) => rest),
    ]),
  );
}
