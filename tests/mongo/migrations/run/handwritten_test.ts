// Commands that a person wrote: what did nothing is not told as done, and what would not end is ended.
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

/** A collection with two stars, and how a file is run on it. */
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

/** An update or a delete of what a filter finds, in parts. */
const inParts = (u: unknown, q: Document, ...more: Document[]): Document[] => [
  { dbp: "step repeat" },
  { update: "star", updates: [{ q, u, multi: true, ...more[0] }], ...more[1] },
];

mongoTest(
  "what is not there cannot be dropped or renamed, at the second run no more than at the first",
  async (place) => {
    const { run, stars } = await withStars(place);
    for (
      const [what, command] of [
        ["drop-collection stra", { drop: "stra" }],
        ["drop-index star#mag", { dropIndexes: "star", index: "mag" }],
        ["nothing", { renameCollection: "stra", to: "star" }],
      ] as const
    ) {
      const file = [{ dbp: `destructive ${what}` }, command];
      for (let time = 1; time <= 2; time++) {
        await assert.rejects(run(file), /not found|does not exist/, what);
      }
    }
    assert.deepEqual(await stars(), [MIRA, VEGA]);
  },
);

mongoTest(
  "a document is not inserted over another, at the second run no more than at the first; one that is there as it is to be will do",
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
  "parts are of the documents that the server finds by the collation and variables of the command",
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
  "a step that changes the same documents each time ends, and says so",
  async (place) => {
    const { run } = await withStars(place);
    await assert.rejects(
      run(inParts({ $currentDate: { seen: true } }, {})),
      /changes the same documents again each time, as 2 of star: write a filter that leaves out those that are done/,
    );
  },
);

mongoTest(
  "where documents cannot be counted in time the rules stay as they were",
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
  "a list that holds nulls is a value, and keeps what it holds where a field must have one from now on",
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
  "a step in parts stops between two when the signal says so, and goes on there",
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
      /step 1 of 1: It was stopped\. `dbp migrate` tries it again/,
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
  "a command under way is ended when the signal says so: the lock is given back, and the history says where it stopped",
  async (place) => {
    const { db, star, run } = await withStars(place);
    await using session = db.client.startSession();
    session.startTransaction();
    // An index waits for those who write.
    await star.insertOne({ _id: "Algol" }, { session });
    await assert.rejects(
      run([{
        createIndexes: "star",
        indexes: [{ name: "ix_mag", key: { mag: 1 } }],
      }], { signal: AbortSignal.timeout(500) }),
      /step 1 of 1: It was stopped\. `dbp migrate` tries it again/,
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
  "a step looks at its own collection, however many others there are",
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
          ...Array.from({ length: steps }, (_, place) => ({
            collMod: "star",
            validator: { $jsonSchema: { description: `${id} ${place}` } },
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
