// Updates of few rows, which one statement makes, against the same updates in a
// transaction.
import {
  bytes,
  type Connection,
  defineModel,
  StaleRowError,
} from "@alerce/db-plugins";
import { Star, type StarRow } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { exactDate } from "../../../src/model/exact_date.ts";
import { property, star } from "../../support/arbitraries.ts";
import { test } from "../../support/connected.ts";
import { newestPostgres } from "../../support/engines.ts";
import { testTables } from "../../support/made_tables.ts";

const FIELDS = ["mag", "flux", "visits", "seen", "labels", "notes"] as const;

for (const engine of newestPostgres) {
  test(`${engine.name}: one statement updates rows as a transaction does`, async () => {
    const db = await engine.open([Star]);
    await db.createDb();
    const stars = db.query(Star);
    await property(
      60,
      fc.tuple(
        fc.array(star, { minLength: 1, maxLength: 6 }),
        fc.array(star, { minLength: 6, maxLength: 6 }),
        fc.subarray([...FIELDS], { minLength: 1 }),
      ),
      async ([before, changes, names]) => {
        const changesOf = (index: number): object =>
          Object.fromEntries(
            names.map((name) => [name, changes[index]?.[name] ?? null]),
          );
        const update = async (
          write: (rows: readonly StarRow[]) => Promise<unknown>,
        ) => {
          await stars.deleteAll({ filterBy: {}, all: true });
          await stars.bulkInsert(before);
          const rows = await stars.findAll({ orderBy: { id: "asc" } });
          await write(rows);
          return await stars.findAll({ orderBy: { id: "asc" } });
        };
        const change = (
          rows: readonly StarRow[],
          scope: Pick<Connection, "query">,
        ): void => {
          for (const [index, row] of rows.entries()) {
            scope.query(Star).update(row, changesOf(index));
          }
        };
        const alone = await update(async (rows) => {
          change(rows, db);
          assert.deepEqual(
            await db.session.commit(),
            { updated: rows.length, deleted: 0 },
          );
        });
        const inside = await update((rows) =>
          db.transaction((tx) => Promise.resolve(change(rows, tx)))
        );
        const bulk = await update((rows) =>
          stars.bulkUpdate(
            rows.map(({ id }, index) => ({ id, ...changesOf(index) })),
          )
        );
        const returned = await update(async (rows) => {
          const { updated, rows: written } = await stars.bulkUpdate(
            rows.map(({ id }, index) => ({ id, ...changesOf(index) })),
            { returning: ["id", ...names] },
          );
          assert.equal(updated, rows.length);
          assert.deepEqual(
            written,
            await stars.findAll({
              orderBy: { id: "asc" },
              select: ["id", ...names],
            }),
          );
        });
        assert.deepEqual(alone, inside);
        assert.deepEqual(bulk, inside);
        assert.deepEqual(returned, inside);
      },
    );
    await db.dropDb();
    await db.close();
  });

  test(`${engine.name}: a commit of one statement writes nothing if a row is missing`, async () => {
    const db = await engine.open([Star]);
    await db.createDb();
    const stars = db.query(Star);
    await stars.bulkInsert(
      [1n, 2n, 3n].map((id) => ({ id, name: `s${id}`, status: "new" })),
    );
    const rows = await stars.findAll({ orderBy: { id: "asc" } });
    for (const row of rows) stars.update(row, { mag: 1 });
    await stars.deleteAll({ filterBy: { id: 2n } });
    await assert.rejects(db.session.commit(), (error) => {
      assert.ok(error instanceof StaleRowError);
      assert.deepEqual(error.rows, [rows[1]]);
      return true;
    });
    assert.equal(await stars.count({ filterBy: { mag: 1 } }), 0);
    await stars.bulkInsert([{ id: 2n, name: "again", status: "new" }]);
    assert.deepEqual(await db.session.commit(), { updated: 3, deleted: 0 });
    assert.equal(await stars.count({ filterBy: { mag: 1 } }), 3);
    assert.deepEqual(
      await stars.bulkUpdate([{ id: 1n, mag: 2 }, { id: 9n, mag: 2 }]),
      { updated: 1, missing: 1 },
    );
    await db.dropDb();
    await db.close();
  });
}

const TYPES: readonly [string, z.ZodType, readonly unknown[]][] = [
  ["bigint", z.int64(), [2n ** 63n - 1n, -(2n ** 63n)]],
  ["integer", z.int32(), [2 ** 31 - 1, -(2 ** 31)]],
  ["smallint", z.int32(), [1, -32_768]],
  ["double precision", z.float64().meta({ nan: "keep" }), [
    ...[0.1, -0, 5e-324, NaN, Infinity, -Infinity],
  ]],
  ["real", z.float32().meta({ nan: "keep" }), [0.1, NaN, -Infinity]],
  ["real", z.float64(), [0.1, 1e-40]],
  ["numeric", z.float64(), [0.1, 1 / 3]],
  ["numeric(9,3)", z.string(), ["1.001"]],
  ["boolean", z.boolean(), [true, false]],
  ["timestamptz", z.date(), [
    exactDate(Date.parse("2024-05-01T03:00:00.123Z"), 456),
    new Date(8.64e15),
    new Date(-8.64e15),
  ]],
  ["timestamp", z.date(), [new Date("2024-05-01T03:00:00.123Z")]],
  ["date", z.date(), [new Date("2024-05-01T00:00:00Z")]],
  ["timestamptz", z.int64(), [1_714_532_400_123_456n, 2n ** 63n - 1n]],
  ["text", z.string(), ['"', "\\", "{}", "", "NULL", "n,l", "ä☉"]],
  ["varchar(3)", z.string(), ["abc", ""]],
  ["uuid", z.uuid(), ["ffffffff-0000-4000-8000-000000000001"]],
  ["bytea", bytes(), [Uint8Array.of(0, 255), new Uint8Array()]],
  ["jsonb", z.json(), [{ a: 9_007_199_254_740_993n }, "x", [1, null]]],
  ["json", z.json(), [{ b: 1, a: 2 }]],
  ["bigint[]", z.array(z.int64().nullable()), [[1n, null], []]],
];

for (const isDeclared of [true, false]) {
  const Thing = defineModel("thing", {
    fields: z.object({
      id: z.int32(),
      ...Object.fromEntries(
        TYPES.map(([sqlType, type], index) => [
          `c${index}`,
          isDeclared || /timestamptz|json/.test(sqlType)
            ? type.nullable().meta({ ...type.meta(), sqlType })
            : type.nullable().meta({ ...type.meta() }),
        ]),
      ),
    }),
    primaryKey: ["id"],
  });
  const valuesOf = (id: number): object =>
    Object.fromEntries(
      TYPES.map(([, , values], index) => [`c${index}`, values[id] ?? null]),
    );
  testTables(
    `one statement updates each type to the value that bulkInsert writes${
      isDeclared ? "" : ", if the model does not declare it"
    }`,
    [Thing],
    [
      `create table thing (id int primary key, ${
        TYPES.map(([sqlType], index) => `c${index} ${sqlType}`).join(", ")
      })`,
    ],
    async ({ db, run }: {
      db: Connection;
      run: (text: string) => Promise<unknown>;
    }) => {
      // deno-lint-ignore no-explicit-any -- the types of the fields vary
      const things: any = db.query(Thing);
      const ids = [0, 1, 2, 3, 4, 5, 6, 7];
      const stored = () =>
        run("select thing::text as t from thing order by id");
      await things.bulkInsert(ids.map((id) => ({ id, ...valuesOf(id) })));
      const expected = await stored();
      await run("truncate thing");
      await things.bulkInsert(ids.map((id) => ({ id })));
      await things.bulkUpdate(ids.map((id) => ({ id, ...valuesOf(id) })));
      assert.deepEqual(await stored(), expected);
      await run("truncate thing");
      await things.bulkInsert(ids.map((id) => ({ id })));
      for (const row of await things.findAll()) {
        things.update(row, valuesOf(row.id));
      }
      await db.session.commit();
      assert.deepEqual(await stored(), expected);
    },
  );
}
