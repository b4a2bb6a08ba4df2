// The collections of the Python package: read, and written in the same form.
import {
  type AnyModel,
  DbPluginsError,
  MongoConnection,
  QueryError,
  SchemaError,
  ValidationError,
} from "@alerce/db-plugins";
import {
  ALERCE_DOCUMENTS,
  AstroObject,
  Detection,
  NonDetection,
} from "@alerce/db-plugins/models/mongo";
import { type Document, Double, Int32, Long } from "mongodb";
import assert from "node:assert/strict";
import { mongoSettings } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const CANDID = 1548229880115015005n;

/** A document as pymongo writes it: a whole float is a double, an integer has the least possible width. */
const OBJECT: Document = {
  aid: "AL18aaxlzgi",
  oid: "ZTF18aaxlzgi",
  lastmjd: new Double(59000),
  firstmjd: new Double(58270.25),
  ndet: new Int32(3),
  loc: { type: "Point", coordinates: [new Double(20), new Double(-30.5)] },
  meanra: new Double(200),
  meandec: new Double(-30.5),
  extra_fields: { ndethist: new Int32(7), nested: { a: [new Double(1)] } },
};
const DETECTION: Document = {
  tid: "ZTF",
  aid: "AL18aaxlzgi",
  oid: "ZTF18aaxlzgi",
  candid: Long.fromBigInt(CANDID),
  mjd: new Double(58270.25),
  fid: new Int32(1),
  ra: new Double(200),
  dec: new Double(-30.5),
  rb: null,
  mag: new Double(18.5),
  e_mag: new Double(0.125),
  rfid: new Int32(783120149),
  e_ra: null,
  e_dec: null,
  isdiffpos: new Int32(-1),
  corrected: false,
  parent_candid: null,
  has_stamp: true,
  step_id_corr: "correction_0.0.1",
  rbversion: "t17_f5_c3",
  extra_fields: {},
};
const NON_DETECTION: Document = {
  aid: "AL18aaxlzgi",
  tid: "ZTF",
  oid: "ZTF18aaxlzgi",
  mjd: new Double(58265),
  diffmaglim: new Double(20),
  fid: new Int32(2),
};
const INDEXES: Readonly<Record<string, readonly Document[]>> = {
  object: [
    { aid: 1, oid: 1 },
    { lastmjd: -1 },
    { firstmjd: -1 },
    { loc: "2dsphere" },
    { meanra: 1 },
    { meandec: 1 },
  ],
  detection: [{ aid: 1, tid: 1 }],
  non_detection: [{ aid: 1, tid: 1 }],
};

class Passing extends MongoConnection<readonly AnyModel[]> {
  get db(): ReturnType<Passing["backend"]>["db"] {
    return this.backend().db;
  }

  override async close(): Promise<void> {
    await this.db.dropDatabase().catch(() => {});
    await super.close();
  }
}

function test(name: string, fn: (db: Passing) => Promise<void>): void {
  Deno.test({
    name,
    ignore: withoutMongo,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using db = new Passing({ models: ALERCE_DOCUMENTS });
      await db.connect(mongoSettings());
      await fn(db);
    },
  });
}

/** A database as the Python package creates it. */
async function python({ db }: Passing): Promise<void> {
  for (const [name, keys] of Object.entries(INDEXES)) {
    await db.collection(name).createIndexes(keys.map((key) => ({ key })));
  }
  await db.collection("object").insertOne({ ...OBJECT });
  await db.collection("detection").insertOne({ ...DETECTION });
  await db.collection("non_detection").insertOne({ ...NON_DETECTION });
}

test("documents of the Python package are read", async (db) => {
  await python(db);
  const object = await db.query(AstroObject).findOne({
    filterBy: { aid: "AL18aaxlzgi" },
  });
  assert.deepEqual({ ...object }, {
    aid: "AL18aaxlzgi",
    oid: "ZTF18aaxlzgi",
    lastmjd: 59000,
    firstmjd: 58270.25,
    ndet: 3,
    meanra: 200,
    meandec: -30.5,
    extra_fields: { ndethist: 7, nested: { a: [1] } },
  });
  const detection = await db.query(Detection).findOne({
    filterBy: { candid: CANDID, mjd: { lt: 59000 } },
  });
  assert.deepEqual(
    [detection?.rfid, detection?.isdiffpos, detection?.rb],
    [783120149n, -1, null],
  );
  assert.deepEqual(detection?.extra_fields, {});
  const [visit] = await db.query(NonDetection).findAll();
  assert.deepEqual([visit?.mjd, visit?.extra_fields], [58265, null]);
});

test("documents of the Python package are updated, and undeclared fields stay", async (db) => {
  await python(db);
  const query = db.query(AstroObject);
  await query.updateAll({
    filterBy: { oid: "ZTF18aaxlzgi" },
    set: { meanra: 210 },
  });
  const stored = db.db.collection("object");
  assert.deepEqual((await stored.findOne())?.loc, {
    type: "Point",
    coordinates: [30, -30.5],
  });
  assert.deepEqual(
    await query.bulkUpsert([
      { aid: "AL18aaxlzgi", oid: "ZTF18aaxlzgi", ndet: 4 },
    ]),
    { inserted: 0, updated: 1, unchanged: 0 },
  );
  const document = await stored.findOne();
  assert.deepEqual(document?.extra_fields, {
    ndethist: 7,
    nested: { a: [1] },
  });
  assert.deepEqual(
    Object.keys(document ?? {}).sort(),
    ["_id", ...Object.keys(OBJECT)].sort(),
  );
});

test("new documents equal those of the Python package", async (db) => {
  await python(db);
  const undeclared = { ndethist: 9, loc: "not this", survey: { name: "ZTF" } };
  const row = {
    aid: "AL1",
    oid: "ZTF1",
    lastmjd: 59000.5,
    firstmjd: 58270.5,
    ndet: 2,
    meanra: 10,
    meandec: 20,
  };
  const query = db.query(AstroObject);
  const rows = [
    { ...row, ...undeclared },
    { ...row, oid: "ZTF2", ...undeclared, extra_fields: { sid: 1 } },
    { ...row, oid: "ZTF3" },
  ];
  await query.bulkInsert(rows.slice(0, 1));
  await query.bulkUpsert(rows.slice(1, 2));
  await query.getOrCreate({
    filterBy: { aid: "AL1", oid: "ZTF3" },
    ...rows[2],
  });
  const stored = await db.db.collection("object").find(
    { aid: "AL1" },
    { projection: { _id: 0 }, sort: { oid: 1 } },
  ).toArray();
  const loc = { type: "Point", coordinates: [-170, 20] };
  const { ndethist, survey } = undeclared;
  assert.deepEqual(stored, [
    { ...row, loc, extra_fields: { ndethist, survey } },
    { ...row, oid: "ZTF2", loc, extra_fields: { sid: 1, ndethist, survey } },
    { ...row, oid: "ZTF3", loc, extra_fields: {} },
  ]);
  const set: object = { ndethist: 1 };
  await assert.rejects(
    async () => await query.updateAll({ filterBy: { aid: "AL1" }, set }),
    QueryError,
  );
});

test("undeclared attributes are stored in extra_fields in every collection, and updates refuse them", async (db) => {
  await db.createDb();
  const undeclared = { jd: 1.5, survey: { name: "ZTF" } };
  const keys = { aid: "AL1", oid: "ZTF1" };
  const rows: readonly [AnyModel, Document, object][] = [
    [AstroObject, keys, { ndet: 2 }],
    [Detection, { ...keys, tid: "ZTF", candid: CANDID }, { mag: 18 }],
    [NonDetection, { ...keys, tid: "ZTF", fid: 1, mjd: 59000 }, {
      diffmaglim: 20,
    }],
  ];
  for (const [model, key, change] of rows) {
    const query = db.query(model);
    const kept = async (): Promise<unknown> =>
      (await query.findOne({ filterBy: { aid: "AL1" } }))?.extra_fields;
    await query.bulkInsert([{ ...key, ...undeclared }]);
    assert.deepEqual(await kept(), undeclared, model.name);
    await query.bulkUpsert([{ ...key, ...change }]);
    assert.deepEqual(await kept(), undeclared, model.name);
    await query.bulkUpsert([{ ...key, sid: 7 }]);
    assert.deepEqual(await kept(), { sid: 7 }, model.name);
    await query.bulkUpsert([{ ...key, extra_fields: { a: 1 }, sid: 8 }]);
    assert.deepEqual(await kept(), { a: 1, sid: 8 }, model.name);
    for (
      const attempt of [
        () => query.bulkUpdate([{ ...key, sid: 9 }]),
        () => query.updateAll({ filterBy: {}, set: { sid: 9 } }),
      ]
    ) {
      await assert.rejects(
        async () => void await attempt(),
        (error) => error instanceof DbPluginsError && /sid/.test(error.message),
      );
    }
    assert.deepEqual(await kept(), { a: 1, sid: 8 }, model.name);
  }
});

test("isdiffpos of a detection is an integer in rows and documents, and other values are refused", async (db) => {
  await db.createDb();
  const row = { aid: "AL1", oid: "ZTF1", tid: "ZTF", candid: CANDID };
  await db.query(Detection).bulkInsert([{ ...row, isdiffpos: -1 }]);
  const stored = await db.db.collection("detection").findOne({}, {
    promoteValues: false,
    useBigInt64: false,
  });
  assert.ok(stored?.isdiffpos instanceof Int32, Deno.inspect(stored));
  await assert.rejects(
    async () =>
      await db.query(Detection).bulkInsert([
        { ...row, candid: CANDID + 1n, isdiffpos: 0.5 },
      ]),
    ValidationError,
  );
  await db.db.collection("detection").updateOne({}, {
    $set: { isdiffpos: 0.5 },
  }, { bypassDocumentValidation: true });
  await assert.rejects(db.query(Detection).findAll(), SchemaError);
});

test("the models have the fields and indexes of the Python package", async (db) => {
  await db.createDb();
  const documents: readonly [AnyModel, readonly string[]][] = [
    [AstroObject, Object.keys(OBJECT).filter((name) => name !== "loc")],
    [Detection, Object.keys(DETECTION)],
    [NonDetection, [...Object.keys(NON_DETECTION), "extra_fields"]],
  ];
  for (const [model, names] of documents) {
    assert.deepEqual([...model.byName.keys()].sort(), names.toSorted());
    const live = await db.db.collection(model.table).indexes();
    for (const key of INDEXES[model.table] ?? []) {
      assert.ok(
        live.some((index) => JSON.stringify(index.key) === JSON.stringify(key)),
        `${model.table} ${JSON.stringify(key)}`,
      );
    }
  }
});

test("a database of the Python package gets unique indexes, and keeps its own", async (db) => {
  await python(db);
  const { created, notes = [] } = await db.createDb();
  assert.deepEqual(created, []);
  assert.deepEqual(notes, [
    "object: the index object_pkey { aid: 1, oid: 1 } unique was created",
    "detection: the index detection_pkey { candid: 1, oid: 1 } unique was created",
    "non_detection: the index non_detection_pkey { oid: 1, fid: 1, mjd: 1 } unique was created",
  ]);
  assert.equal(await db.query(Detection).count(), 1);
});
