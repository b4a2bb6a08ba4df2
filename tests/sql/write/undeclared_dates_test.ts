// A `z.date()` in a column of type `date` that the model does not declare, under a time zone west of Greenwich.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import pg from "pg";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../../support/engines.ts";

const Night = defineModel("night", {
  fields: z.object({ id: z.int32(), day: z.date() }),
  primaryKey: ["id"],
});
const Shift = defineModel("shift", {
  fields: z.object({ day: z.date(), id: z.int32() }),
  primaryKey: ["day", "id"],
  relations: {
    nights: { kind: "many", model: "night", on: { day: "day", id: "id" } },
  },
});
const [before, day, after] = [4, 5, 6].map((date) =>
  new Date(Date.UTC(2024, 2, date))
) as [Date, Date, Date];

for (const type of ["date", "timestamp", "timestamptz"]) {
  test(`a Date is written to and found in an undeclared column of type ${type} in any time zone`, async () => {
    const pool = new pg.Pool({
      ...clientConfig(postgresSettings()),
      options: "-c TimeZone=America/Santiago",
    });
    const SCHEMA = freshSchema();
    const db = new SQLConnection({ models: [Night], client: pool });
    await pool.query(`create schema ${SCHEMA}`);
    await pool.query(
      `create table ${SCHEMA}.night (id int primary key, day ${type} not null)`,
    );
    await db.connect({ SCHEMA });
    const nights = db.query(Night);
    await nights.bulkInsert([{ id: 1, day }]);
    await nights.insert({ id: 2, day });
    await nights.getOrCreate({ filterBy: { id: 3 }, day });
    await nights.bulkUpsert([{ id: 3, day }, { id: 4, day }]);
    await nights.bulkInsert([{ id: 5, day: before }, { id: 6, day: after }]);
    await nights.bulkUpdate([{ id: 2, day }]);
    await nights.updateAll({ filterBy: { id: 1 }, set: { day } });
    const found = async (filter: unknown): Promise<number[]> =>
      (await nights.findAll({ filterBy: { day: filter as Date } }))
        .map(({ id }) => id).toSorted((left, right) => left - right);
    const same = [1, 2, 3, 4];
    assert.deepEqual(await found(day), same);
    assert.deepEqual(await found({ ne: day }), [5, 6]);
    assert.deepEqual(await found({ in: [day, after] }), [...same, 6]);
    assert.deepEqual(await found({ notIn: [day] }), [5, 6]);
    assert.deepEqual(await found({ gt: day }), [6]);
    assert.deepEqual(await found({ gte: day }), [...same, 6]);
    assert.deepEqual(await found({ lt: day }), [5]);
    assert.deepEqual(await found({ lte: day }), [...same, 5]);
    const [row] = await nights.findAll({ filterBy: { id: 1 } });
    assert.deepEqual(await found(row?.day), same);
    await pool.query(`drop schema ${SCHEMA} cascade`);
    await db.close();
    await pool.end();
  });
}

test("the first include by several fields finds rows by undeclared dates in any time zone", async () => {
  const pool = new pg.Pool({
    ...clientConfig(postgresSettings()),
    options: "-c TimeZone=America/Santiago",
  });
  const SCHEMA = freshSchema();
  await pool.query(`create schema ${SCHEMA}`);
  for (const table of ["night", "shift"]) {
    await pool.query(`create table ${SCHEMA}.${table} (id int, day date)`);
    await pool.query(
      `insert into ${SCHEMA}.${table} values (1, '2024-03-05'), (2, '2024-03-06')`,
    );
  }
  const db = new SQLConnection({ models: [Night, Shift], client: pool });
  await db.connect({ SCHEMA });
  const shifts = await db.query(Shift).findAll({ include: ["nights"] });
  assert.deepEqual(
    shifts.map(({ nights }) => nights.map(({ id }) => id)),
    [[1], [2]],
  );
  await pool.query(`drop schema ${SCHEMA} cascade`);
  await db.close();
  await pool.end();
});
