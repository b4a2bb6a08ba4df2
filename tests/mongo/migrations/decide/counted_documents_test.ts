// Documents are counted up to a limit, because a large collection takes long.
import assert from "node:assert/strict";
import { z } from "zod";
import { countedDocuments } from "../../../../src/mongo/migrations/decide/counted_documents.ts";
import { modelOf, mongoTest } from "../../../support/mongo_migrating.ts";

mongoTest("more than 10,000 documents are not counted", async ({ open }) => {
  const { db } = await open([
    modelOf("star", { id: z.int32() }, { primaryKey: ["id"] }),
  ]);
  const database = { db, prefix: "" };
  const stars = db.collection("star");
  const counted = () => countedDocuments(database, "star", { id: { $gte: 0 } });
  assert.equal(await counted(), undefined);
  await stars.insertOne({ id: 0 });
  assert.equal(await counted(), "1 document has");
  await stars.insertOne({ id: 1 });
  assert.equal(await counted(), "2 documents have");
  await stars.insertMany(Array.from({ length: 10_000 }, (_, id) => ({ id })));
  assert.equal(await counted(), "at least 10000 documents have");
});
