// Columns that are finer than their fields: times with microseconds, and numerics with more digits than a double.
import { defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { everyPostgres } from "../../support/engines.ts";

const Sample = defineModel("sample", {
  fields: z.object({
    id: z.int32(),
    at: z.date().nullable(),
    utc: z.date().nullable().meta({ sqlType: "timestamp" }),
    coarse: z.date().nullable().meta({ sqlType: "timestamptz(3)" }),
    mjd: z.float64().nullable().meta({ sqlType: "numeric(24, 12)" }),
    mag: z.float32().nullable().meta({ sqlType: "double precision" }),
    mean: z.float32().nullable().meta({ sqlType: "numeric" }),
  }),
  primaryKey: ["id"],
  indexes: [{ fields: ["at"] }, { fields: ["mjd"] }],
  relations: {
    as_bright: { kind: "many", model: "sample", on: { mag: "mag" } },
  },
});
const Reading = defineModel("reading", {
  fields: z.object({ at: z.date(), v: z.int32().nullable() }),
  primaryKey: ["at"],
  relations: {
    later: { kind: "many", model: "reading", on: { at: "at" } },
  },
});
const MODELS = [Sample, Reading] as const;
const ROWS = 25;
const FINE = ["at", "utc", "mjd", "mag", "mean"] as const;
const SHOWN = new Date("2024-01-01T00:00:00.123Z");

for (const { name, open } of everyPostgres) {
  test(`${name}: values that are finer than their fields are found, ordered, paged and changed`, async () => {
    const db = await open([...MODELS]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    await db.query(Sample).bulkInsert(
      Array.from({ length: ROWS + 1 }, (_, id) => ({ id })),
    );
    await db.query(Sample).bulkInsert([{ id: 99 }]);
    const table = sql.raw(
      (await db.sql<
        { name: string }
      >`select relnamespace::regnamespace || '.sample' as name from pg_class where relname = 'sample' order by oid desc limit 1`)[
        0
      ]
        ?.name ?? "",
    );
    await db
      .sql`update ${table} set at = '2024-01-01 00:00:00.123+00'::timestamptz + id * interval '37 microseconds',
      utc = '2024-01-01 00:00:00.123'::timestamp + id * interval '37 microseconds',
      coarse = '2024-01-01 00:00:00.123+00', mjd = 59000.123456789012 + id * 0.000000000001,
      mag = 0.1 + id * 1e-12, mean = 0.1 + id * 0.000000000001 where id < ${ROWS}`;
    const samples = db.query(Sample);
    const count = (filterBy: object) => samples.count({ filterBy });
    const first = await samples.findOne({ filterBy: { id: 3 } });
    assert.ok(first);
    // A value that was read finds its row; a value that was not stands for all that are read as it.
    assert.equal(await count({ at: first.at }), 1);
    assert.equal(await count({ at: [first.at, new Date(5)] }), 1);
    const all = await samples.findAll();
    for (const field of FINE) {
      const isTime = field === "at" || field === "utc";
      const value: Date | number | null = isTime
        ? SHOWN
        : Reflect.get(first, field);
      // What the comparison of the read values says; null is apart.
      const expected = (
        holds: (difference: number) => boolean,
        nulls = 0,
      ): number =>
        nulls +
        all.filter((row) =>
          row[field] !== null && holds(Number(row[field]) - Number(value))
        ).length;
      const equal = expected((difference) => difference === 0);
      const others = expected((difference) => difference !== 0, 2);
      assert.ok(equal > 1, field);
      assert.deepEqual(
        await Promise.all([
          { [field]: value },
          { [field]: { ne: value } },
          { [field]: { gt: value } },
          { [field]: { gte: value } },
          { [field]: { lt: value } },
          { [field]: { lte: value } },
          { [field]: [value] },
          { [field]: { notIn: [value] } },
          { not: { [field]: value } },
        ].map(count)),
        [
          equal,
          others,
          expected((difference) => difference > 0),
          expected((difference) => difference >= 0),
          expected((difference) => difference < 0),
          expected((difference) => difference <= 0),
          equal,
          others,
          others,
        ],
        field,
      );
    }
    for (const field of FINE) {
      for (const direction of ["asc", "desc"] as const) {
        for (const isCopied of [false, true]) {
          const seen: number[] = [];
          let after: object | undefined;
          for (let pages = 0; pages < 9; pages++) {
            const page = await samples.find({
              orderBy: { [field]: direction },
              perPage: 4,
              count: false,
              ...after === undefined ? {} : { after },
            });
            seen.push(...page.items.map(({ id }) => id));
            const last = page.items.at(-1);
            if (!page.hasNext || last === undefined) break;
            // A copy has the millisecond alone.
            after = isCopied
              ? {
                ...last,
                at: last.at && new Date(last.at),
                utc: last.utc && new Date(last.utc),
              }
              : last;
          }
          const ids = Array.from({ length: ROWS }, (_, id) => id);
          const expected = direction === "asc" ? ids : ids.toReversed();
          assert.deepEqual(
            seen,
            [...expected, ROWS, 99],
            `${field} ${direction} ${isCopied}`,
          );
        }
      }
    }
    // A `Date` that was read keeps its microseconds when it is written.
    const texts = () =>
      db.sql<
        { text: string }
      >`select to_char(at at time zone 'UTC', 'US') as text from ${table} where id in (3, 4, 5, 6) order by id`;
    const [, fourth, fifth] = await samples.findAll({
      filterBy: { id: [3, 4, 5] },
      orderBy: { id: "asc" },
    });
    assert.ok(fourth && fifth);
    await samples.bulkUpsert([{ ...first, mag: 1 }, { ...fourth, mag: 2 }]);
    await samples.bulkUpdate([{ id: 5, at: fifth.at }]);
    await samples.updateAll({ filterBy: { id: 6 }, set: { at: fifth.at } });
    assert.deepEqual((await texts()).map(({ text }) => text), [
      "123111",
      "123148",
      "123185",
      "123185",
    ]);
    // Rows whose keys differ by microseconds are different rows.
    const readings = db.query(Reading);
    const two = await samples.findAll({
      filterBy: { id: [7, 8] },
      orderBy: { id: "asc" },
    });
    const keys = two.map(({ at }) => at);
    assert.ok(keys[0] && keys[1]);
    const inserted = await readings.bulkUpsert([
      { at: keys[0], v: 1 },
      { at: keys[1], v: 2 },
    ]);
    assert.equal(inserted.inserted, 2);
    const [one, other] = await readings.findAll({ include: ["later"] });
    assert.deepEqual(
      [one?.later, other?.later].map((rows) => rows?.map(({ v }) => v)),
      [[1], [2]],
    );
    assert.deepEqual(
      await readings.bulkUpdate([{ at: keys[0], v: 3 }, { at: keys[1], v: 4 }]),
      { updated: 2, missing: 0 },
    );
    assert.equal(await readings.deleteAll({ filterBy: { at: keys[1] } }), 1);
    assert.equal(
      (await readings.getOrCreate({ filterBy: { at: keys[0] } }))[1],
      false,
    );
    await db.dropDb();
    await db.close();
  });
}

for (const { name, open } of everyPostgres) {
  test(`${name}: related rows are counted by what is read, and a page continues from the value of a row that changed`, async () => {
    const db = await open([...MODELS]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const samples = db.query(Sample);
    await samples.bulkInsert(Array.from({ length: 9 }, (_, id) => ({ id })));
    const [{ table } = { table: "" }] = await db.sql<
      { table: string }
    >`select relnamespace::regnamespace || '.sample' as table from pg_class where relname = 'sample' order by oid desc limit 1`;
    await db.sql`update ${
      sql.raw(table)
    } set mag = 0.1 + (id % 3) * 1e-12 + (id % 2),
      at = '2024-01-01 00:00:00.123+00'::timestamptz + id * interval '37 microseconds'`;
    const rows = await samples.findAll({
      orderBy: { id: "asc" },
      counts: { as_bright: true },
      include: { as_bright: { select: ["id"] } },
    });
    assert.deepEqual(
      rows.map(({ counts, as_bright }) => [counts.as_bright, as_bright.length]),
      rows.map(({ id }) => id % 2 === 0 ? [5, 5] : [4, 4]),
    );
    const order = { orderBy: { at: "asc" }, perPage: 4 } as const;
    const page = await samples.find(order);
    const last = page.items.at(-1);
    assert.ok(last?.at);
    await samples.updateAll({ filterBy: { id: last.id }, set: { at: null } });
    const ids = async (after: object) =>
      (await samples.find({ ...order, after })).items.map(({ id }) => id);
    assert.deepEqual(await ids(last), [4, 5, 6, 7]);
    await samples.updateAll({
      filterBy: { id: last.id },
      set: { at: new Date(0) },
    });
    assert.deepEqual(await ids(last), [4, 5, 6, 7]);
    // A copy has the millisecond alone.
    const copy = { ...last, at: new Date(last.at) };
    assert.deepEqual(await ids(copy), [1, 2, 4, 5]);
    await db.dropDb();
    await db.close();
  });
}
