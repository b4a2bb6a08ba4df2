// Stored documents that do not fit their model.
import { MongoConnection, SchemaError } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import { Decimal128, type Document, Int32, Long, Timestamp } from "mongodb";
import assert from "node:assert/strict";
import { mongoSettings } from "../../support/engines.ts";
import { test, untyped } from "../../support/mongo_case.ts";

test("the error about a document that does not fit the model names its key and field, and other documents can be read", async () => {
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
    assert.match(
      error.message,
      /^Cannot read star with id 2: name must be a string, .* number 7$/,
    );
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
  // The document can be fixed through the library too.
  await db.query(Star).updateAll({ filterBy: { id: 2n }, set: { name: "b" } });
  assert.equal((await db.query(Star).findAll()).length, 2);
  await db.collection(Star).drop();
  await db.dropDb();
  await db.close();
});

test("for any misfit, the error names the row and the field, and other documents can be read", async () => {
  const db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(mongoSettings());
  await db.createDb();
  const stars = db.query(Star);
  await stars.bulkInsert([{ id: 1n, name: "a", mag: 1 }]);
  const misfits: [Document, RegExp][] = [
    [{ status: undefined }, /with id 2: status is required, but the doc/],
    [{ status: null }, /with id 2: status is required, but the document/],
    [{ visits: 1.5 }, /2: visits must be an int32, .* the number 1\.5$/],
    [{ visits: 3e10 }, /2: visits must be .* the number 30000000000$/],
    [{ visits: Long.fromBigInt(2n ** 40n) }, /2: visits .* the bigint /],
    [{ kind: "X" }, /2: kind must be one of O, G, M, .* string "X"$/],
    [{ uid: "not a uuid" }, /2: uid must be a uuid, .*"not a uuid"$/],
    [
      { uid: "0B0C0FFE-0000-4000-8000-000000000001" },
      /2: uid must be a uuid, .*"0B0C0FFE-.*0001"\. MongoDB compares the text, so it must be in lower case$/,
    ],
    [{ labels: [["a"]] }, /2: labels item 0 must be a string, .* an Array$/],
    [
      { flux: 0.1 },
      /2: flux must be a float32, but holds the number 0\.1, which single precision would round\. Declare the field as z\.float64\(\)$/,
    ],
    [
      { flux: new Int32(16_777_217) },
      /2: flux must be a float32, .* the number 16777217, which single/,
    ],
    [
      { mag: Long.fromBigInt(2n ** 53n + 1n) },
      /2: mag must be a float64, but holds the bigint 9007199254740993, which a number would round\. Declare the field as z\.int64\(\)$/,
    ],
    [
      { mag: Decimal128.fromString("1.5") },
      /2: mag must be a float64, but holds a Decimal128$/,
    ],
    [
      { seen: "2020-01-01" },
      /2: seen must be a date, but holds the string "2020-01-01"$/,
    ],
    [
      { seen: new Timestamp({ t: 1, i: 1 }) },
      /2: seen must be a date, but holds a Timestamp$/,
    ],
    [
      { seen: new Date(-8.64e15 + 1) },
      /2: seen must be a date, but holds the date -271821-04-20T00:00:00\.001Z$/,
    ],
    [{ labels: ["a", null] }, /2: labels item 1 is null, .* a string$/],
    [{ labels: ["a", 7] }, /2: labels item 1 must be a string, .* number 7$/],
    [{ labels: { 0: "a" } }, /2: labels must be an array, .* an Object$/],
    [{ mag: "bright" }, /2: mag must be a float64, .* string "bright"$/],
  ];
  for (const [wrong, message] of misfits) {
    const [field = ""] = Object.keys(wrong);
    const document = { id: 2n, name: "b", status: "new", mag: 2, ...wrong };
    await db.collection(Star).insertOne(untyped(document), {
      bypassDocumentValidation: true,
      ignoreUndefined: true,
    });
    const named = (error: unknown): boolean => {
      assert.ok(error instanceof SchemaError, Deno.inspect(error));
      assert.match(error.message, message);
      return true;
    };
    await assert.rejects(stars.findAll(), named);
    await assert.rejects(stars.findAll({ limit: 5 }), named);
    // The error names the key even if it is not selected.
    const select = untyped([field]);
    await assert.rejects(stars.findAll({ select }), named);
    await assert.rejects(
      stars.findAll({ select, orderBy: { mag: "desc" } }),
      named,
    );
    await assert.rejects(
      async () => void await Array.fromAsync(stars.stream({ select })),
      named,
    );
    await assert.rejects(stars.findOne({ filterBy: { id: 2n } }), named);
    await db.transaction(async (tx) => {
      await assert.rejects(tx.query(Star).findAll({ select }), named);
      assert.equal(await tx.query(Star).count(), 2);
    });
    assert.equal((await stars.findAll({ select: ["id", "name"] })).length, 2);
    const right = await stars.findAll({ filterBy: { id: { ne: 2n } } });
    assert.deepEqual(right.map(({ mag }) => mag), [1]);
    await db.collection(Star).deleteOne(untyped({ id: 2n }));
  }
  await db.collection(Star).drop();
  await db.dropDb();
  await db.close();
});
