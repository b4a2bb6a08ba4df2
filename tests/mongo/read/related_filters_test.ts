// Filters by related documents: the keys that are read first.
import { defineModel, MongoConnection, QueryError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { opened, test } from "../../support/mongo_case.ts";

const Source = defineModel("source", {
  fields: z.object({ oid: z.string(), ndet: z.int32() }),
  primaryKey: ["oid"],
  mongo: { id: "oid" },
  relations: {
    frames: { kind: "many", model: "frame", on: { oid: "oid" } },
  },
});
const Frame = defineModel("frame", {
  fields: z.object({ id: z.int32(), oid: z.string(), fid: z.int32() }),
  primaryKey: ["id"],
  relations: {
    source: { kind: "one", model: "source", on: { oid: "oid" } },
  },
});
const LONG = 17;

test("keys of more than 16 MB are read in groups, and sent in parts", async () => {
  const db = await opened([Source, Frame]);
  const oid = (at: number): string =>
    String.fromCharCode(97 + at) + "x".repeat(1 << 20);
  await db.query(Source).bulkInsert(
    Array.from({ length: LONG }, (_, at) => ({ oid: oid(at), ndet: at })),
  );
  await db.query(Frame).bulkInsert(
    Array.from({ length: LONG }, (_, at) => ({ id: at, oid: oid(at), fid: 1 })),
  );
  const frames = { some: { fid: 1 } };
  assert.equal(await db.query(Source).count({ filterBy: { frames } }), LONG);
  const rows = await db.query(Source).findAll({
    filterBy: { frames },
    orderBy: { ndet: "desc" },
    select: ["ndet"],
  });
  assert.equal(rows.length, LONG);
  assert.equal(rows[0]?.ndet, LONG - 1);
  await assert.rejects(
    db.query(Source).count({ filterBy: { frames: { none: { fid: 1 } } } }),
    (error) =>
      error instanceof QueryError && /16 MB command limit/.test(error.message),
  );
  await db.dropDb();
  await db.close();
});

test("a filter of few documents reads only their related documents, in no more commands than a join needs", async () => {
  const commands: string[] = [];
  const db = new MongoConnection({ models: [Source, Frame] });
  await db.connect(mongoSettings(), {
    onQuery: ({ text }) => {
      commands.push(text);
    },
  });
  await db.createDb();
  await db.query(Source).bulkInsert([
    { oid: "a", ndet: 1 },
    { oid: "b", ndet: 2 },
  ]);
  await db.query(Frame).bulkInsert([
    { id: 1, oid: "a", fid: 1 },
    { id: 2, oid: "b", fid: 2 },
  ]);
  const countOf = async (filterBy: object): Promise<[number, number]> => {
    commands.length = 0;
    return [await db.query(Source).count({ filterBy }), commands.length];
  };
  const frames = { some: { fid: 1 } };
  assert.deepEqual(await countOf({ oid: ["a", "b"], frames }), [1, 2]);
  assert.match(commands[0] ?? "", /distinct/);
  assert.match(commands[0] ?? "", /oid: \{ \$in/);
  assert.deepEqual(await countOf({ ndet: { gt: 0 }, frames }), [1, 3]);
  assert.deepEqual(await countOf({ frames }), [1, 2]);
  assert.equal(
    await db.query(Frame).count({ filterBy: { source: { is: { ndet: 2 } } } }),
    1,
  );
  await db.dropDb();
  await db.close();
});

test("a relation between texts of collections with different collations is refused", async () => {
  const db = new MongoConnection({ models: [Source, Frame] });
  await db.connect(mongoSettings());
  await db.collection(Frame).db.createCollection("frame", {
    collation: { locale: "en", strength: 2 },
  });
  await db.createDb();
  await assert.rejects(
    db.query(Source).count({ filterBy: { frames: { some: {} } } }),
    (error) =>
      error instanceof QueryError &&
      /source and frame have different collations/.test(error.message),
  );
  await db.dropDb();
  await db.close();
});
