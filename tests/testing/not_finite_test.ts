// NaN and infinities of fields that keep them mean the same on every engine: NaN equals itself and is the greatest number.
import {
  type AnyModel,
  type Connection,
  defineModel,
  DuplicateKeyError,
} from "@alerce/db-plugins";
import type { EngineUnderTest } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import {
  mongoEngine,
  pgliteEngine,
  postgresEngine,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const Flare = defineModel("flare", {
  fields: z.object({
    id: z.int32(),
    oid: z.string(),
    flux: z.float64().nullable().meta({ nan: "keep" }),
    width: z.float32().nullable().meta({ nan: "keep" }),
  }),
  primaryKey: ["id"],
  unique: [["oid", "flux"]],
  relations: {
    as_bright: { kind: "many", model: "flare", on: { flux: "flux" } },
    filter: { kind: "one", model: "filter", on: { width: "width" } },
  },
});
const Filter = defineModel("filter", {
  fields: z.object({
    width: z.float32().meta({ nan: "keep" }),
    count: z.int32().nullable(),
  }),
  primaryKey: ["width"],
});
const Curve = defineModel("curve", {
  fields: z.object({
    id: z.int32(),
    flux: z.array(z.float64()).nullable().meta({ nan: "keep" }),
    width: z.array(z.float32().nullable()).nullable().meta({ nan: "keep" }),
    strict: z.array(z.float64()).nullable(),
  }),
  primaryKey: ["id"],
});
const MODELS: readonly AnyModel[] = [Flare, Filter, Curve];

/** The values of the rows with the ids 0, 1, … */
const VALUES = [NaN, Infinity, -Infinity, 0, 1.5, null] as const;
const ROWS = VALUES.map((value, id) => ({
  id,
  oid: "a",
  flux: value,
  width: value,
}));

const FILTERS: readonly (readonly [object, readonly number[]])[] = [
  [{ eq: NaN }, [0]],
  [{ ne: NaN }, [1, 2, 3, 4, 5]],
  [{ gt: NaN }, []],
  [{ gte: NaN }, [0]],
  [{ lt: NaN }, [1, 2, 3, 4]],
  [{ lte: NaN }, [0, 1, 2, 3, 4]],
  [{ eq: Infinity }, [1]],
  [{ gt: Infinity }, [0]],
  [{ gte: Infinity }, [0, 1]],
  [{ lt: Infinity }, [2, 3, 4]],
  [{ lte: -Infinity }, [2]],
  [{ gt: 1 }, [0, 1, 4]],
  [{ eq: -0 }, [3]],
  [{ in: [NaN, 0, Infinity] }, [0, 1, 3]],
  [{ notIn: [NaN, 0] }, [1, 2, 4, 5]],
  [{ between: [1, NaN] }, [0, 1, 4]],
  [{ isNull: true }, [5]],
];

function test(
  name: string,
  run: (db: Connection) => Promise<void>,
): void {
  const engines: readonly EngineUnderTest[] = [
    postgresEngine,
    pgliteEngine,
    ...withoutMongo ? [] : [mongoEngine],
  ];
  for (const engine of engines) {
    Deno.test({
      name: `${engine.name}: ${name}`,
      // Drivers keep timers.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const db = await engine.open(MODELS);
        try {
          await db.createDb();
          await run(db);
        } finally {
          await db.dropDb();
          await db.close();
        }
      },
    });
  }
}

test("aggregations take NaN as the greatest number and as one group", async (db) => {
  const flares = db.query(Flare);
  await flares.bulkInsert([...ROWS, { ...ROWS[0], id: 9, oid: "b" }]);
  const extremes = { min: ["flux", "width"], max: ["flux", "width"] } as const;
  assert.deepEqual(await flares.aggregate(extremes), [{
    min: { flux: -Infinity, width: -Infinity },
    max: { flux: NaN, width: NaN },
  }]);
  const filterBy = { flux: NaN };
  assert.deepEqual(await flares.aggregate({ ...extremes, filterBy }), [{
    min: { flux: NaN, width: NaN },
    max: { flux: NaN, width: NaN },
  }]);
  assert.deepEqual(
    await flares.aggregate({
      filterBy: { id: { lte: 1 } },
      sum: ["flux"],
      avg: ["width"],
      countDistinct: ["flux"],
    }),
    [{ sum: { flux: NaN }, avg: { width: NaN }, countDistinct: { flux: 2 } }],
  );
  assert.deepEqual([...await flares.countBy("flux")], [
    [-Infinity, 1],
    [0, 1],
    [1.5, 1],
    [Infinity, 1],
    [NaN, 2],
    [null, 1],
  ]);
});

test("filters, orders and pages find NaN and infinities", async (db) => {
  const flares = db.query(Flare);
  await flares.bulkInsert(ROWS);
  for (const field of ["flux", "width"] as const) {
    for (const [operators, ids] of FILTERS) {
      const filterBy = { [field]: operators };
      const rows = await flares.findAll({ filterBy, orderBy: { id: "asc" } });
      const text = Deno.inspect(filterBy);
      assert.deepEqual(rows.map(({ id }) => id), ids, text);
      assert.equal(await flares.count({ filterBy }), ids.length, text);
    }
    for (const nulls of ["first", "last"] as const) {
      const ascending = nulls === "first"
        ? [5, 2, 3, 4, 1, 0]
        : [2, 3, 4, 1, 0, 5];
      for (
        const [direction, expected] of [
          ["asc", ascending],
          ["desc", nulls === "first" ? [5, 0, 1, 4, 3, 2] : [0, 1, 4, 3, 2, 5]],
        ] as const
      ) {
        const orderBy = { [field]: { direction, nulls } };
        const ids: number[] = [];
        let page = await flares.find({ orderBy, perPage: 2 });
        for (;;) {
          ids.push(...page.items.map(({ id }) => id));
          const after = page.items.at(-1);
          if (after === undefined || ids.length > ROWS.length) break;
          page = await flares.find({ orderBy, perPage: 2, after });
        }
        assert.deepEqual(ids, expected, Deno.inspect(orderBy));
      }
    }
  }
});

test("a unique key holds for NaN, in every write", async (db) => {
  const flares = db.query(Flare);
  await flares.bulkInsert(ROWS);
  const again = { id: 9, oid: "a", flux: NaN, width: null };
  assert.deepEqual(
    await flares.bulkInsert([again, { ...again, oid: "b" }, {
      ...again,
      id: 10,
      oid: "b",
    }]),
    { inserted: 1, ignored: 2 },
  );
  assert.equal(await flares.count({ filterBy: { flux: NaN } }), 2);
  const refused: readonly (() => Promise<unknown>)[] = [
    () => flares.bulkInsert([{ ...again, id: 11 }], { onConflict: "error" }),
    () => flares.insert({ ...again, id: 11 }),
    () => flares.bulkUpsert([{ ...again, id: 11 }]),
    () => flares.bulkUpdate([{ id: 1, flux: NaN }]),
    () => flares.updateAll({ filterBy: { id: 1 }, set: { flux: NaN } }),
    () => flares.updateAll({ filterBy: { oid: "a" }, set: { flux: NaN } }),
    () => flares.getOrCreate({ filterBy: { id: 11 }, oid: "a", flux: NaN }),
    () => db.transaction((tx) => tx.query(Flare).insert({ ...again, id: 11 })),
    async () => {
      const row = await flares.findOne({ filterBy: { id: 1 } });
      assert.ok(row);
      flares.update(row, { flux: NaN });
      await db.session.commit().finally(() => db.session.rollback());
    },
  ];
  for (const write of refused) {
    await assert.rejects(write, DuplicateKeyError, String(write));
  }
  assert.equal(await flares.count(), ROWS.length + 1);
  const byUnique = { filterBy: { oid: "a", flux: NaN }, id: 12 };
  const [found, created] = await flares.getOrCreate(byUnique);
  assert.deepEqual([found.id, created], [0, false]);
  assert.deepEqual(
    await flares.bulkUpsert([
      { ...again, width: 1 },
      { ...again, width: 2 },
      { ...again, id: 13, oid: "c", width: 3 },
    ], { conflict: ["oid", "flux"], update: ["width"] }),
    { inserted: 1, updated: 1, unchanged: 1 },
  );
  assert.equal(
    (await flares.findOne({ filterBy: { id: 0 } }))?.width,
    2,
  );
});

test("NaN is a key: relations, upserts, updates and deletes find its row", async (db) => {
  const filters = db.query(Filter);
  await db.query(Flare).bulkInsert(ROWS);
  assert.deepEqual(
    await filters.bulkInsert([{ width: NaN }, { width: NaN }, { width: 0 }, {
      width: -0,
    }, { width: Infinity }]),
    { inserted: 3, ignored: 2 },
  );
  assert.deepEqual(
    await filters.bulkUpsert([{ width: NaN, count: 1 }, {
      width: NaN,
      count: 2,
    }, { width: -0, count: 3 }]),
    { inserted: 0, updated: 2, unchanged: 1 },
  );
  assert.deepEqual(
    await filters.bulkUpdate([{ width: Infinity, count: 4 }, {
      width: -Infinity,
      count: 5,
    }]),
    { updated: 1, missing: 1 },
  );
  const rows = await db.query(Flare).findAll({
    include: ["as_bright", "filter"],
    orderBy: { id: "asc" },
  });
  assert.deepEqual(
    rows.map((row) => [
      row.as_bright.map(({ id }) => id),
      row.filter?.count ?? null,
    ]),
    [[[0], 2], [[1], 4], [[2], null], [[3], 3], [[4], null], [[], null]],
  );
  const [changed, deleted] = await filters.findAll({
    filterBy: { width: { gte: Infinity } },
    orderBy: { width: "desc" },
  });
  assert.ok(changed && deleted);
  assert.ok(Number.isNaN(changed.width));
  filters.update(changed, { count: 6 });
  filters.delete(deleted);
  await db.session.commit();
  assert.deepEqual(
    (await filters.findAll({ orderBy: { width: "asc" } }))
      .map(({ count }) => count),
    [3, 6],
  );
});

test("NaN and infinities in arrays come back, and filters find them", async (db) => {
  const curves = db.query(Curve);
  const flux = [1, NaN, Infinity, -Infinity];
  const width = [NaN, null, 0.5];
  await curves.bulkInsert([{ id: 1, flux, width }, { id: 2, flux: [1] }]);
  await curves.insert({ id: 3, flux, width });
  await curves.bulkUpsert([{ id: 2, flux, width }, { id: 4, flux: [NaN] }]);
  await curves.getOrCreate({ filterBy: { id: 5 }, flux, width });
  await curves.bulkUpdate([{ id: 4, flux, width }]);
  const rows = await curves.findAll({ orderBy: { id: "asc" } });
  assert.equal(rows.length, 5);
  for (const row of rows) {
    assert.deepEqual([row.flux, row.width], [flux, width]);
  }
  const [row] = rows;
  assert.ok(row);
  assert.deepEqual(await curves.bulkUpsert([row]), {
    inserted: 0,
    updated: 0,
    unchanged: 1,
  });
  assert.equal(await curves.count({ filterBy: { flux: { eq: flux } } }), 5);
  assert.equal(
    await curves.count({ filterBy: { flux: { contains: NaN } } }),
    5,
  );
  assert.equal(await curves.count({ filterBy: { flux: { contains: 7 } } }), 0);
  await assert.rejects(
    curves.bulkInsert([{ id: 6, strict: [1, NaN] }]),
    /strict \[1\] is NaN; to allow that, set meta\({ nan: "keep" }\) in the model/,
  );
});
