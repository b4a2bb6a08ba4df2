// Derived values in documents are correct after every write.
import {
  type AnyModel,
  DbPluginsError,
  defineModel,
  DuplicateKeyError,
  ModelError,
  MongoConnection,
  point,
  ValidationError,
} from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { withoutMongo } from "../../support/mongo_server.ts";

/** A nullable position, and a value with a custom derivation. */
const Place = defineModel("place", {
  fields: z.object({
    id: z.int64(),
    name: z.string().nullable(),
    ra: z.float64().nullable().meta({ column: "alpha" }),
    dec: z.float64().nullable(),
  }),
  primaryKey: ["id"],
  unique: [["name"]],
  mongo: {
    derived: {
      loc: point("ra", "dec"),
      shout: {
        from: ["name"],
        value: ({ name }) => name === null ? null : `${name}!`,
        expression: (path) => ({ $concat: [path("name"), "!"] }),
      },
    },
  },
});

/** A model with a field stored in `_id`. */
const Known = defineModel("known", {
  fields: z.object({
    aid: z.string(),
    name: z.string().nullable(),
    count: z.int32().default(0),
  }),
  primaryKey: ["aid"],
  unique: [["name"]],
  mongo: { id: "aid" },
});

interface Stored {
  readonly id: bigint;
  readonly name: string | null;
  readonly alpha: number | null;
  readonly dec: number | null;
  readonly loc: unknown;
  readonly shout: unknown;
}

class Passing extends MongoConnection<readonly AnyModel[]> {
  override async close(): Promise<void> {
    await this.native.dropDatabase().catch(() => {});
    await super.close();
  }

  get native(): ReturnType<Passing["backend"]>["db"] {
    return this.backend().db;
  }

  /** The stored documents; checks that the derived values of each are correct. */
  async stored(): Promise<readonly Stored[]> {
    const documents = await this.native.collection<Stored>("place")
      .find({}, { sort: { id: 1 } }).toArray();
    for (const { name, alpha, dec, loc, shout } of documents) {
      assert.equal(shout, name === null ? null : `${name}!`);
      assert.deepEqual(
        loc,
        alpha === null || dec === null
          ? null
          : { type: "Point", coordinates: [alpha - 180, dec] },
      );
    }
    return documents;
  }
}

function test(name: string, fn: (db: Passing) => Promise<void>): void {
  Deno.test({
    name,
    ignore: withoutMongo,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using db = new Passing({ models: [Place, AstroObject, Known] });
      await db.connect(mongoSettings());
      await db.createDb();
      await fn(db);
    },
  });
}

const at = (id: number, ra: number | null, dec: number | null = 10) => ({
  id: BigInt(id),
  name: `n${id}`,
  ra,
  dec,
});

test("new documents have derived values, and rows do not", async (db) => {
  const query = db.query(Place);
  await query.bulkInsert([at(1, 10), at(2, null), at(3, 0, -90)]);
  await query.bulkUpsert([at(4, 360, 90), { id: 5n, dec: 3 }]);
  const [made, created] = await query.getOrCreate({
    filterBy: { id: 6n },
    ...at(6, 6.25),
  });
  assert.deepEqual([{ ...made }, created], [at(6, 6.25), true]);
  await db.transaction(async (tx) => {
    await tx.query(Place).getOrCreate({ filterBy: { id: 7n }, ra: 1, dec: 1 });
    await tx.query(Place).bulkInsert([at(8, 8)]);
  });
  assert.equal((await db.stored()).length, 8);
  assert.deepEqual(
    { ...await query.findOne({ filterBy: { id: 1n } }) },
    at(1, 10),
  );
  const ranked = await query.findAll({ orderBy: { ra: "asc" }, limit: 1 });
  assert.deepEqual(ranked.map((row) => ({ ...row })), [at(3, 0, -90)]);
});

test("changes of all, some or no sources keep derived values correct", async (db) => {
  const query = db.query(Place);
  const first = async () => (await db.stored())[0];
  await query.bulkInsert([at(1, 10), at(2, 20), at(3, 30)]);
  await query.updateAll({ filterBy: { id: [1n, 2n] }, set: { ra: 50 } });
  assert.equal((await first())?.alpha, 50);
  await query.updateAll({ filterBy: { id: 1n }, set: { ra: 60, dec: 61 } });
  await query.updateAll({ filterBy: { id: 1n }, set: { name: "$dec" } });
  assert.equal((await first())?.shout, "$dec!");
  await query.updateAll({ filterBy: { id: 1n }, set: { dec: null } });
  assert.equal((await first())?.loc, null);
  await query.bulkUpdate([
    [{ id: 1n }, { dec: 5 }],
    [{ id: 3n }, { ra: 7.5, dec: 5 }],
  ]);
  assert.equal((await first())?.dec, 5);
  const [row] = await query.findAll({ filterBy: { id: 1n } });
  assert.ok(row);
  query.update(row, { ra: 0.5 });
  await db.session.commit();
  assert.equal((await first())?.alpha, 0.5);
  await db.transaction(async (tx) => {
    await tx.query(Place).updateAll({
      filterBy: { id: 1n },
      set: { name: "new", dec: 6 },
    });
    await tx.transaction(async (inner) => {
      await inner.query(Place).bulkUpsert([{ id: 1n, ra: 9 }]);
      throw new Error("undone");
    }).catch(() => {});
  });
  assert.deepEqual(
    [(await first())?.alpha, (await first())?.dec],
    [0.5, 6],
  );
});

test("upserts keep derived values correct, with and without reading first", async (db) => {
  const query = db.query(Place);
  const rows = (ra: number) =>
    Array.from({ length: 10 }, (_, id) => at(id, ra + id));
  await query.bulkUpsert([...rows(1), { id: 0n, dec: 4 }, { id: 1n, ra: 3 }]);
  await db.stored();
  for (let ra = 2; ra < 6; ra++) {
    await query.bulkUpsert([...rows(ra), at(20 + ra, 1)]);
    await db.stored();
    await query.bulkUpsert(rows(ra + 10).map(({ id, ra }) => ({ id, ra })));
    assert.equal((await db.stored())[9]?.alpha, ra + 19);
    await query.bulkUpsert(rows(ra).map(({ id }) => ({ id, dec: ra })), {
      prefer: ["dec"],
    });
    assert.equal((await db.stored())[9]?.dec, Math.max(10, ra));
  }
});

test("a value from which no derived value can be computed is refused, and nothing is written", async (db) => {
  const query = db.query(Place);
  await query.bulkInsert([at(1, 10)]);
  const refused = async (work: Promise<unknown>, field: string) =>
    await assert.rejects(
      work,
      (error) =>
        error instanceof ValidationError && error.rows[0]?.field === field &&
        /is outside .* degrees/.test(error.message),
    );
  await refused(query.bulkInsert([at(2, 1), at(3, 360.5)]), "ra");
  await refused(query.bulkUpsert([at(2, 1), at(3, 1, -90.5)]), "dec");
  await refused(
    query.getOrCreate({ filterBy: { id: 3n }, ra: -1 }),
    "ra",
  );
  await refused(
    query.updateAll({ filterBy: { id: 1n }, set: { ra: 361 } }),
    "ra",
  );
  await refused(
    query.bulkUpdate([[{ id: 1n }, { dec: 91 }]]),
    "dec",
  );
  const loc: object = { loc: null };
  await assert.rejects(
    query.bulkInsert([{ ...at(4, 1), ...loc }]),
    /loc is not a field/,
  );
  assert.deepEqual((await db.stored()).map(({ id }) => id), [1n]);
});

test("objects have a position with a 2dsphere index", async (db) => {
  await db.query(AstroObject).bulkInsert([
    { oid: "ZTF18near", meanra: 150.0001, meandec: 2.2 },
    { oid: "ZTF18far", meanra: 151, meandec: 2.2 },
    { oid: "ZTF18nowhere" },
  ]);
  const found = await db.collection(AstroObject).find({
    loc: {
      $geoWithin: {
        $centerSphere: [[150 - 180, 2.2], 1 / 3600 * Math.PI / 180],
      },
    },
  }).toArray();
  assert.deepEqual(found.map(({ oid }) => oid), ["ZTF18near"]);
  assert.deepEqual(await db.createDb({ verify: true }), {
    created: [],
    present: ["place", "object", "known"],
  });
});

test("a field is stored in _id, and rows have it under its own name", async (db) => {
  const query = db.query(Known);
  const documents = async () =>
    await db.native.collection("known").find({}, { sort: { _id: 1 } })
      .toArray();
  const row = (aid: string, name: string | null, count = 0) => ({
    aid,
    name,
    count,
  });
  assert.deepEqual(
    await query.bulkInsert([row("a", "x"), row("b", null), row("a", "y")]),
    { inserted: 2, ignored: 1 },
  );
  assert.deepEqual(await documents(), [
    { _id: "a", name: "x", count: 0 },
    { _id: "b", name: null, count: 0 },
  ]);
  for (let count = 1; count < 4; count++) {
    assert.deepEqual(
      await query.bulkUpsert([row("a", "x", count), row("b", null, count)]),
      { inserted: 0, updated: 2, unchanged: 0 },
    );
  }
  assert.deepEqual(
    await query.bulkUpsert([row("a", "x", 4), row("c", "z")]),
    { inserted: 1, updated: 1, unchanged: 0 },
  );
  for (const created of [true, false]) {
    const [made, fresh] = await query.getOrCreate({
      filterBy: { aid: "d" },
      name: "w",
    });
    assert.deepEqual([{ ...made }, fresh], [row("d", "w"), created]);
  }
  const [found] = await query.findAll({
    filterBy: { aid: { in: ["a", "q"] }, or: [{ not: { aid: "b" } }] },
    orderBy: { name: "asc", aid: "desc" },
  });
  assert.ok(found);
  assert.deepEqual({ ...found }, row("a", "x", 4));
  const some = await query.findAll({ select: ["aid"], limit: 1 });
  assert.deepEqual(some.map((row) => ({ ...row })), [{ aid: "a" }]);
  const streamed = [];
  for await (const { aid } of query.stream({ orderBy: { aid: "desc" } })) {
    streamed.push(aid);
  }
  assert.deepEqual(streamed, ["d", "c", "b", "a"]);
  query.update(found, { count: 9 });
  assert.deepEqual(await db.session.commit(), { updated: 1, deleted: 0 });
  await db.transaction(async (tx) => {
    await tx.query(Known).updateAll({
      filterBy: { aid: "b" },
      set: { count: 8 },
    });
    await tx.query(Known).bulkInsert([row("e", null)]);
    await tx.transaction(async (inner) => {
      await inner.query(Known).bulkUpsert([row("f", null), row("a", "x", 1)]);
      throw new Error("undone");
    }).catch(() => {});
  });
  await query.bulkUpdate([[{ aid: "c" }, { count: 7 }]]);
  assert.equal(await query.deleteAll({ filterBy: { aid: "d" } }), 1);
  assert.deepEqual(
    (await documents()).map(({ _id, count }) => [_id, count]),
    [["a", 9], ["b", 8], ["c", 7], ["e", 0]],
  );
  await assert.rejects(
    query.bulkInsert([row("g", null), row("a", null)], {
      onConflict: "error",
    }),
    (error) => error instanceof DuplicateKeyError && error.fields[0] === "aid",
  );
  await assert.rejects(
    query.updateAll({ filterBy: { aid: "a" }, set: { aid: "z" } }),
    DbPluginsError,
  );
  assert.throws(
    () =>
      defineModel("wrong", {
        fields: z.object({ a: z.string(), b: z.string() }),
        primaryKey: ["a"],
        mongo: { id: "b" },
      }),
    ModelError,
  );
});

Deno.test("a derived value has fields as sources and is not a field itself", () => {
  const fields = z.object({ id: z.int64(), ra: z.float64() });
  const derived = (name: string, dec: string) =>
    defineModel("wrong", {
      fields,
      primaryKey: ["id"],
      mongo: { derived: { [name]: point("ra", dec) } },
    });
  assert.throws(() => derived("loc", "de"), ModelError);
  assert.throws(() => derived("ra", "id"), ModelError);
});
