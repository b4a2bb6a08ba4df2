// Stored documents that do not fit their model.
import { SchemaError } from "@alerce/db-plugins";
import { MongoConnection } from "@alerce/db-plugins/mongo";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoSettings } from "./engines.ts";
import { test, untyped } from "./mongo_case.ts";

test("a stored document that breaks the model is named by its key and field, and the others can be read", async () => {
  const settings = mongoSettings();
  const db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(settings);
  await db.createDb();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
  await db.collection(Star).insertOne(
    untyped({ id: 2n, name: 7, status: "new" }),
    { bypassDocumentValidation: true },
  );
  const named = (error: unknown): boolean => {
    assert.ok(error instanceof SchemaError, Deno.inspect(error));
    assert.match(error.message, /star: .*name holds a number, .*: id 2$/);
    return true;
  };
  await assert.rejects(db.query(Star).findAll(), named);
  await assert.rejects(
    db.query(Star).findAll({ select: ["id", "name"] }),
    named,
  );
  await assert.rejects(
    async () => void await Array.fromAsync(db.query(Star).stream()),
    named,
  );
  const ids = await db.query(Star).findAll({ select: ["id", "mag"] });
  assert.equal(ids.length, 2);
  const right = await db.query(Star).findAll({ filterBy: { id: { ne: 2n } } });
  assert.deepEqual(right.map(({ id }) => id), [1n]);
  // It can be mended through the library too.
  await db.query(Star).updateAll({ filterBy: { id: 2n }, set: { name: "b" } });
  assert.equal((await db.query(Star).findAll()).length, 2);
  await db.collection(Star).drop();
  await db.dropDb();
  await db.close();
});
