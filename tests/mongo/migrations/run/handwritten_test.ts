// Commands that a person wrote: a command without effect is not recorded as done, and an endless one is stopped.
import { migrate, type MigrateOptions } from "@alerce/db-plugins/migrate";
import { type Collection, type Document, MongoClient } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoConfig } from "../../../../src/mongo/driver/config.ts";
import { openMongo } from "../../../../src/mongo/driver/open_mongo.ts";
import { mongoTarget } from "../../../../src/mongo/migrations/target.ts";
import { folderOf, MOON, STAR } from "../../../support/migrations_folder.ts";
import {
  documents,
  type Migrated,
  modelOf,
  mongoTest,
  oracle,
  type Place,
} from "../../../support/mongo_migrating.ts";

const MIRA = { _id: "Mira", mag: 2 };
const VEGA = { _id: "vega", mag: 0 };

/** Creates a collection with two stars, and returns a function that runs a file on it. */
async function withStars({ open }: Migrated): Promise<{
  readonly db: Place["db"];
  readonly star: Collection<{ _id: unknown }>;
  run(
    elements: readonly Document[],
    options?: MigrateOptions,
  ): Promise<unknown>;
  stars(): Promise<unknown>;
}> {
  const place = await open([]);
  const star = place.db.collection<{ _id: unknown }>("star");
  await star.insertMany([MIRA, VEGA]);
  return {
    db: place.db,
    star,
    async run(elements, options) {
      await using folder = await folderOf({
        [`${STAR}.up.json`]: JSON.stringify(elements),
      }, "mongo");
      return await migrate(place, { ...options, directory: folder.directory });
    },
    stars: async () => (await documents(place.db)).star,
  };
}

/** Returns an update in batches of the documents that match a filter. */
const inParts = (u: unknown, q: Document, ...more: Document[]): Document[] => [
  { dbp: "step repeat" },
  { update: "star", updates: [{ q, u, multi: true, ...more[0] }], ...more[1] },
];

mongoTest(
  "a missing object cannot be dropped or renamed, neither in the first run nor in the second",
  async (place) => {
    const { run, stars } = await withStars(place);
    for (
      const [loss, command] of [
        ["drop-collection stra", { drop: "stra" }],
        ["drop-index star#mag", { dropIndexes: "star", index: "mag" }],
        ["nothing", { renameCollection: "stra", to: "star" }],
      ] as const
    ) {
      const file = [{ dbp: `destructive ${loss}` }, command];
      for (let time = 1; time <= 2; time++) {
        await assert.rejects(run(file), /not found|does not exist/, loss);
      }
    }
    assert.deepEqual(await stars(), [MIRA, VEGA]);
  },
);

mongoTest(
  "an insert does not replace another document, neither in the first run nor in the second; an equal existing document is accepted",
  async (place) => {
    const { run, stars } = await withStars(place);
    const insert = (...documents: Document[]): Document[] => [
      { insert: "star", documents },
    ];
    for (let time = 1; time <= 2; time++) {
      await assert.rejects(run(insert({ ...MIRA, mag: 3 })), /E11000/);
    }
    await run(insert(MIRA));
    assert.deepEqual(await stars(), [MIRA, VEGA]);
  },
);

mongoTest(
  "batches follow the collation, the hint and the variables of the command",
  async (place) => {
    const { run, stars } = await withStars(place);
    const collation = { locale: "en", strength: 2 };
    await run([
      ...inParts({ $set: { kind: "red" } }, { _id: "MIRA" }, { collation }),
      ...inParts(
        { $set: { kind: "white" } },
        { $expr: { $eq: ["$mag", "$$zero"] } },
        { hint: { _id: 1 } },
        { let: { zero: 0 } },
      ),
    ]);
    assert.deepEqual(await stars(), [
      { ...MIRA, kind: "red" },
      { ...VEGA, kind: "white" },
    ]);
  },
);

mongoTest(
  "a step that changes the same documents in every pass fails",
  async (place) => {
    const { run } = await withStars(place);
    await assert.rejects(
      run(inParts({ $currentDate: { seen: true } }, {})),
      /changes the same documents of star in every pass, so it never ends: 2 documents were changed twice\. Exclude changed documents in the filter/,
    );
  },
);

mongoTest(
  "if documents cannot be counted in time, the rules stay as they were",
  async (place) => {
    const { db, star, run } = await withStars(place);
    await star.insertMany(
      Array.from({ length: 50_000 }, (_, _id) => ({ _id })),
    );
    await assert.rejects(
      run([
        {
          collMod: "star",
          validator: { $jsonSchema: { required: ["mag"] } },
          validationLevel: "moderate",
          validationAction: "warn",
        },
        { dbp: "step statement_timeout=1ms" },
        {
          collMod: "star",
          validationLevel: "strict",
          validationAction: "error",
        },
      ]),
      /step 2 of 2: .*exceeded time limit/,
    );
    const [info] = await db.listCollections({ name: "star" }).toArray();
    assert.match(JSON.stringify(info), /"moderate","validationAction":"warn"/);
  },
);

mongoTest(
  "a list that contains nulls is a value, and keeps them if its field becomes required",
  async (place) => {
    const tags = z.array(z.string().nullable());
    const [old, young] = [tags.nullable(), tags].map((tags) =>
      modelOf("star", { id: z.int32(), tags }, { primaryKey: ["id"] })
    );
    assert(old !== undefined && young !== undefined);
    const { place: { db } } = await oracle(place, [old], [young], {
      defaults: { "star.tags": "[]" },
      fill: async (db) => {
        await db.collection("star").insertMany([
          { id: 1, tags: ["red", null] },
          { id: 2, tags: null },
          { id: 3, tags: [null] },
        ]);
      },
    });
    const stars = await db.collection("star").find().sort({ id: 1 }).toArray();
    assert.deepEqual(stars.map(({ tags }) => tags), [
      ["red", null],
      [],
      [null],
    ]);
  },
);

mongoTest(
  "a signal stops a repeated step between two batches, and the next run continues",
  async (place) => {
    const { db, star, run } = await withStars(place);
    await star.insertMany(Array.from({ length: 2000 }, (_, _id) => ({ _id })));
    const file = inParts({ $set: { seen: true } }, { seen: null });
    const stop = new AbortController();
    await assert.rejects(
      run(file, {
        signal: stop.signal,
        onProgress: ({ kind }) => kind === "progress" && stop.abort(),
      }),
      /step 1 of 1: The step was stopped\. The step may be .* continues there/,
    );
    assert.equal(
      await db.collection("star").countDocuments({ seen: true }),
      1000,
    );
    await run(file);
    assert.equal(await db.collection("star").countDocuments({ seen: null }), 0);
  },
);

mongoTest(
  "a signal stops a running command; the lock is released, and the history records the position",
  async (place) => {
    const { db, star, run } = await withStars(place);
    await using session = db.client.startSession();
    session.startTransaction();
    // An index build waits for open writes.
    await star.insertOne({ _id: "Algol" }, { session });
    const stop = new AbortController();
    await assert.rejects(
      run([{
        createIndexes: "star",
        indexes: [{ name: "ix_mag", key: { mag: 1 } }],
      }], {
        signal: stop.signal,
        onProgress({ kind }) {
          if (kind === "step") setTimeout(() => stop.abort(), 500);
        },
      }),
      /step 1 of 1: The step was stopped\. The step may be .* continues there/,
    );
    await session.abortTransaction();
    assert.equal((await star.listIndexes().toArray()).length, 1);
    const [record] = await db.collection("dbp_migrations").find().toArray();
    assert.deepEqual([record?.state, record?.stepsDone], ["failed", 0]);
    const lock = await db.collection("dbp_migrations_lock").findOne();
    assert.equal(lock?.holder, null);
  },
);

mongoTest(
  "a step inspects only its own collection, regardless of the number of others",
  async (place) => {
    const { db } = await withStars(place);
    await db.createCollection("other");
    await using client = new MongoClient(place.settings.URL, {
      monitorCommands: true,
    });
    let looks = 0;
    client.on("commandStarted", ({ command }) => {
      if (command.listIndexes === "other") looks++;
    });
    const driver = await openMongo(mongoConfig(place.settings, "test"), {
      source: "test",
      models: [],
      client,
    });
    const looksOf = async (id: string, steps: number): Promise<number> => {
      looks = 0;
      await using folder = await folderOf({
        [`${id}.up.json`]: JSON.stringify([
          { dbp: "ignore strict-at-once it is a test" },
          ...Array.from({ length: steps }, (_, index) => ({
            collMod: "star",
            validator: { $jsonSchema: { description: `${id} ${index}` } },
          })),
        ]),
      }, "mongo");
      const target = mongoTarget(driver, []);
      await migrate({ migrations: () => target }, folder);
      await db.collection("dbp_migrations").deleteMany({});
      return looks;
    };
    assert.equal(await looksOf(STAR, 5), await looksOf(MOON, 1));
  },
);

mongoTest(
  "a repeated step sends one command for each batch",
  async (place) => {
    const { db, star } = await withStars(place);
    await star.insertMany(Array.from({ length: 1500 }, (_, _id) => ({ _id })));
    await using client = new MongoClient(place.settings.URL, {
      monitorCommands: true,
    });
    let updates = 0;
    client.on("commandStarted", ({ command }) => {
      if (command.update === "star") updates++;
    });
    const driver = await openMongo(mongoConfig(place.settings, "test"), {
      source: "test",
      models: [],
      client,
    });
    await using folder = await folderOf({
      [`${STAR}.up.json`]: JSON.stringify(
        inParts({ $set: { seen: true } }, { seen: null }),
      ),
    }, "mongo");
    const target = mongoTarget(driver, []);
    await migrate({ migrations: () => target }, folder);
    assert.equal(updates, 2);
    // A filter that also matches changed documents needs a second pass.
    updates = 0;
    await using again = await folderOf({
      [`${MOON}.up.json`]: JSON.stringify(
        inParts({ $set: { late: true } }, {}),
      ),
    }, "mongo");
    await db.collection("dbp_migrations").deleteMany({});
    await migrate({ migrations: () => target }, again);
    assert.equal(updates, 4);
  },
);
