// Nested transactions that fail alone: every document is restored, whatever its _id, even if it violates the validator.
import {
  type AnyModel,
  defineModel,
  MongoConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { type Document, MongoClient } from "mongodb";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";
import { MONGO_USER, startMongo } from "../../support/mongo_server.ts";

const Comet = defineModel("comet", {
  fields: z.object({
    name: z.string(),
    mag: z.int32().nullable(),
  }),
  primaryKey: ["name"],
});
const MODELS: readonly AnyModel[] = [Comet];

interface Settings {
  readonly URL: string;
  readonly DATABASE: string;
}

/** A connection with the model's collection, and the database of another client. */
async function withComets(
  settings: Settings,
  work: (
    db: MongoConnection<readonly AnyModel[]>,
    documents: Document[],
  ) => Promise<void>,
  documents: Document[],
  before: Document = {},
): Promise<void> {
  await using db = new MongoConnection({ models: MODELS });
  await db.connect(settings);
  await db.createDb();
  const client = new MongoClient(settings.URL);
  try {
    const comets = client.db(settings.DATABASE).collection("comet");
    await comets.insertMany(documents, before);
    await work(db, documents);
    assert.deepEqual(
      await comets.find({}, { sort: { name: 1 } }).toArray(),
      documents,
    );
  } finally {
    await client.close();
    await db.dropDb();
  }
}

/** Changes and deletes everything in a nested transaction that fails; the outer one continues. */
async function failInside(
  db: MongoConnection<readonly AnyModel[]>,
): Promise<void> {
  await db.transaction(async (tx) => {
    await assert.rejects(
      tx.transaction(async (inner) => {
        const query = inner.query(Comet);
        await query.updateAll({ filterBy: {}, set: { mag: 5 } });
        await query.deleteAll({ filterBy: { name: "a" } });
        throw new Error("no");
      }),
      /^Error: no$/,
    );
    const made = await tx.query(Comet).bulkInsert([{ name: "z", mag: 1 }]);
    assert.equal(made.inserted, 1);
    await tx.query(Comet).deleteAll({ filterBy: { name: "z" } });
  });
}

test("a failed nested transaction restores documents with any type of _id", async () => {
  const ids = [{ oid: "a" }, { oid: "b" }, "7", 7, new Date(7), { oid: 7 }];
  await withComets(
    mongoSettings(),
    failInside,
    ids.map((_id, index) => ({
      _id,
      name: String.fromCharCode(97 + index),
      mag: 1,
    })) as Document[],
  );
});

test("a duplicate key of two documents with similar _ids is refused before the server aborts the transaction", async () => {
  await withComets(
    mongoSettings(),
    async (db) => {
      await db.transaction(async (tx) => {
        const query = tx.query(Comet);
        await assert.rejects(
          query.updateAll({
            filterBy: { name: "a" },
            set: { name: "b" },
          }),
          /a row with the same name already exists/,
        );
        assert.equal(await query.count(), 2);
      });
    },
    [{ _id: { oid: "a" }, name: "a" }, { _id: { oid: "b" }, name: "b" }].map(
      (document) => ({ ...document, mag: null }) as Document,
    ),
  );
});

test("documents that violate the validator are restored too, and the outer transaction continues", async () => {
  await withComets(
    mongoSettings(),
    failInside,
    [{ name: "a", mag: "bright" }, { name: "b", mag: 1 }],
    { bypassDocumentValidation: true },
  );
});

test("a user without bypassDocumentValidation loses nothing by a failed nested transaction", async () => {
  const server = await startMongo({ auth: true });
  const root = new MongoClient(server.url);
  try {
    await root.db("d").command({
      createUser: "writer",
      pwd: "w",
      roles: [{ role: "readWrite", db: "d" }],
    });
    const url = new URL(server.url);
    assert.equal(url.username, MONGO_USER);
    url.username = "writer";
    url.password = "w";
    url.searchParams.set("authSource", "d");
    await withComets({ URL: url.href, DATABASE: "d" }, failInside, [
      { name: "a", mag: 2 },
      { name: "b", mag: 1 },
    ]);
  } finally {
    await root.close();
    await server.stop();
  }
});
