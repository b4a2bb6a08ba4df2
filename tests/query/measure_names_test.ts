// Fields and relations with the names of measures and of counts.
import { defineModel, QueryError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { memoryEngine } from "../memory/engine.ts";

const Total = defineModel("total", {
  fields: z.object({
    id: z.int32(),
    count: z.int32().nullable(),
    max: z.float64().nullable(),
  }),
  primaryKey: ["id"],
  relations: {
    same: { kind: "many", model: "total", on: { count: "count" } },
  },
});

/** Models with a field or a relation that has the name of the counts. */
const WITH_COUNTS = [
  defineModel("by_field", {
    fields: z.object({ id: z.int32(), counts: z.int32().nullable() }),
    primaryKey: ["id"],
    relations: {
      same: { kind: "many", model: "by_field", on: { id: "id" } },
    },
  }),
  defineModel("by_relation", {
    fields: z.object({ id: z.int32() }),
    primaryKey: ["id"],
    relations: {
      counts: { kind: "many", model: "by_relation", on: { id: "id" } },
      same: { kind: "many", model: "by_relation", on: { id: "id" } },
    },
  }),
];

Deno.test("a result cannot have a field and a measure of the same name, nor two properties counts", async () => {
  const db = await memoryEngine.open([Total, ...WITH_COUNTS]);
  await db.createDb();
  const totals = db.query(Total);
  await totals.bulkInsert([
    { id: 1, count: 5, max: 2 },
    { id: 2, count: 5, max: 3 },
    { id: 3 },
  ]);
  for (
    const [options, name] of [
      [{ groupBy: ["count"], count: true }, "count"],
      [{ groupBy: ["max"], max: ["count"] }, "max"],
    ] as const
  ) {
    await assert.rejects(
      async () => await totals.aggregate(options),
      (error) =>
        error instanceof QueryError && error.field === name &&
        error.message ===
          `Cannot aggregate total: the results cannot have both the field ${name} and the measure ${name}`,
    );
  }
  assert.deepEqual(
    await totals.aggregate({
      groupBy: ["count", "count"],
      max: ["max", "max"],
      sum: ["count"],
      orderBy: { count: "asc" },
    }),
    [
      { count: 5, max: { max: 3 }, sum: { count: 10n } },
      { count: null, max: { max: null }, sum: { count: null } },
    ],
  );
  // A null has no related rows, not even those with null.
  const rows = await totals.findAll({
    orderBy: { id: "asc" },
    include: { same: { select: ["id"] } },
    counts: ["same"],
  });
  assert.deepEqual(
    rows.map(({ same, counts }) => [same.map(({ id }) => id), counts.same]),
    [[[1, 2], 2], [[1, 2], 2], [[], 0]],
  );
  assert.equal(await totals.count({ filterBy: { same: { none: {} } } }), 1);
  for (const model of WITH_COUNTS) {
    const options: object = { counts: ["same"] };
    await assert.rejects(
      async () => await db.query(model).findAll(options),
      (error) =>
        error instanceof QueryError && error.field === "counts" &&
        /it has a field or relation with the name counts/.test(error.message),
    );
  }
  await db.close();
});
