import { type AnyModel, MongoConnection } from "@alerce/db-plugins";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { ingestAlerts, readAlerts } from "@alerce/db-plugins/ztf";
import type { AnyBulkWriteOperation, Db, Document } from "mongodb";
import { createHash } from "node:crypto";
import type { Line } from "../harness.ts";
import { bareMongoClient } from "../mongo_bare.ts";
import { keyOf, nightRace, tablesOf, withNight } from "./night.ts";

const DATABASE = "bench_ingest";

/** Compares the ingest of an Avro file with decoding it and with writing its documents, whichever is slower. */
export async function mongoIngest(url: string): Promise<Line[]> {
  await using db = new MongoConnection({ models: ALERCE_MODELS });
  await db.connect({ URL: url, DATABASE });
  await db.createDb();
  const client = bareMongoClient(url);
  const bare = client.db(DATABASE);
  try {
    return await withNight(async (night) => {
      await ingestAlerts(db, readAlerts(night.path));
      const documents = new Map<string, ReadonlyMap<string, Document>>();
      for (const model of tablesOf(night)) {
        documents.set(model.table, await documentsOf(bare, model));
      }
      const batches = night.batches.map((batch) =>
        batch.filter(([, rows]) => rows.length > 0).map(([model, rows]) => ({
          table: model.table,
          operations: rows.map((row) =>
            writeOf(
              model,
              documents.get(model.table)?.get(keyOf(model, row)) ?? {},
            )
          ),
        }))
      );
      return [
        await nightRace(night, {
          work: "ZTF alerts, Avro to eight collections",
          writes: "`bulkWrite` of upserts, unordered, in transactions",
          async before() {
            for (const { table } of tablesOf(night)) {
              await bare.collection(table).deleteMany({});
            }
          },
          async after() {
            const sums: unknown[] = [];
            for (const model of tablesOf(night)) {
              sums.push(await digest(bare, model));
            }
            return sums;
          },
          ours: () => ingestAlerts(db, readAlerts(night.path)),
          async write() {
            for (const batch of batches) {
              await client.withSession((session) =>
                session.withTransaction(async () => {
                  for (const { table, operations } of batch) {
                    await bare.collection(table).bulkWrite(operations, {
                      ordered: false,
                      session,
                    });
                  }
                })
              );
            }
          },
        }),
      ];
    });
  } finally {
    await client.close();
    await db.dropDb();
  }
}

/** Returns the operation that writes a document. The documents of a key are all the same in one batch. */
function writeOf(
  { table, primaryKey }: AnyModel,
  document: Document,
): AnyBulkWriteOperation {
  const filter = Object.fromEntries(
    primaryKey.map((name) => [name, document[name]]),
  );
  return table === "object"
    ? { replaceOne: { filter, replacement: document, upsert: true } }
    : {
      updateOne: { filter, update: { $setOnInsert: document }, upsert: true },
    };
}

/** Returns the stored documents of a collection, by their keys. */
async function documentsOf(
  bare: Db,
  model: AnyModel,
): Promise<Map<string, Document>> {
  const documents = await bare.collection(model.table)
    .find({}, { projection: { _id: 0 } }).toArray();
  return new Map(documents.map((one) => [keyOf(model, one), one]));
}

/** Returns the number of documents of a collection and a hash of them. */
async function digest(
  bare: Db,
  { table, primaryKey, fields }: AnyModel,
): Promise<unknown> {
  const hash = createHash("md5");
  let count = 0;
  const documents = bare.collection(table).aggregate([
    { $sort: Object.fromEntries(primaryKey.map((name) => [name, 1])) },
    {
      $replaceWith: Object.fromEntries(
        fields.map(({ column }) => [column, `$${column}`]),
      ),
    },
  ], { raw: true, batchSize: 10_000 });
  for await (const bytes of documents) {
    hash.update(bytes as Uint8Array);
    count++;
  }
  return [count, hash.digest("hex")];
}
