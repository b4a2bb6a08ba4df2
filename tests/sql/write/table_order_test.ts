// Each batch of new rows is copied in the order of its keys, if that keeps rows together that refer to the same row.
import { defineModel, serial, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";

const COUNT = 3_000;
/** Long enough that the rows are more than one batch. */
const text = "x".repeat(1_000);

const Field = defineModel("field", {
  fields: z.object({ id: z.int32() }),
  primaryKey: ["id"],
});
const measurement = (table: string) =>
  defineModel(table, {
    fields: z.object({
      id: z.int64(),
      field: z.int32(),
      text: z.string(),
      code: z.int32().nullable(),
    }),
    primaryKey: ["id"],
    unique: [["code"]],
    foreignKeys: [
      { fields: ["field"], references: { table: "field", fields: ["id"] } },
    ],
  });
const Alone = measurement("alone");
const Grouped = measurement("grouped");
const Coded = measurement("coded");
const Numbered = defineModel("numbered", {
  fields: z.object({
    id: z.int64(),
    number: serial(z.int32()),
  }),
  primaryKey: ["id"],
});

/** All numbers below the count, once each, mixed. */
const mixed = Array.from(
  { length: COUNT },
  (_, index) => index * 1_201 % COUNT,
);

function rowsOf(fieldOf: (id: number, index: number) => number) {
  return mixed.map((id, index) => ({
    id: BigInt(id),
    field: fieldOf(id, index),
    text: `${text}${id}`,
    code: null as number | null,
  }));
}

test("rows are copied in key order, but the order of the call decides between equal keys", async () => {
  await using db = new SQLConnection({
    models: [Field, Alone, Grouped, Coded, Numbered] as const,
  });
  await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() });
  await db.createDb();
  await db.query(Field).bulkInsert(mixed.map((id) => ({ id })));

  const alone = rowsOf((id) => id);
  const grouped = rowsOf((_, index) => Math.floor(index / 10));
  await Promise.all([
    db.query(Alone).bulkInsert(alone),
    db.query(Grouped).bulkInsert(grouped),
  ]);
  const ids = (await db.query(Alone).findAll()).map(({ id }) => id);
  const descents = ids.filter((id, index) => id < (ids[index - 1] ?? 0n));
  assert.ok(descents.length < 10, "each of few batches is in order");
  assert.deepEqual(
    await db.query(Alone).findAll({ orderBy: { id: "asc" } }),
    alone.toSorted((left, right) => Number(left.id - right.id)),
  );
  assert.deepEqual(await db.query(Grouped).findAll(), grouped);

  const coded = rowsOf((id) => id).map((row) => ({
    ...row,
    text: "",
    code: Number(row.id) % (COUNT / 2),
  }));
  const { inserted } = await db.query(Coded).bulkInsert(coded);
  assert.equal(inserted, COUNT / 2);
  const firstOf = new Map(coded.toReversed().map(({ code, id }) => [code, id]));
  assert.deepEqual(
    new Set((await db.query(Coded).findAll()).map(({ id }) => id)),
    new Set(firstOf.values()),
  );

  await db.query(Numbered).bulkInsert(mixed.map((id) => ({ id: BigInt(id) })));
  const numbered = await db.query(Numbered).findAll({
    orderBy: { number: "asc" },
  });
  assert.deepEqual(numbered.map(({ id }) => Number(id)), mixed);
  await db.dropDb();
});
