// Bulk writes of few rows, which one statement makes, against the same rows
// among many others, which temporary tables and COPY write.
import { bytes, defineModel } from "@alerce/db-plugins";
import { Star, type StarInsert } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { exactDate } from "../../../src/model/exact_date.ts";
import { property, star } from "../../support/arbitraries.ts";
import { everyPostgres } from "../../support/engines.ts";
import { test } from "../../support/connected.ts";
import { testTables } from "../../support/made_tables.ts";
import { ROUNDS } from "../../support/rounds.ts";

/** So many rows that they are not written by one statement. */
const OTHERS = 1_200;
const FIRST_OTHER = 1_000_000;

const others: StarInsert[] = Array.from({ length: OTHERS }, (_, index) => ({
  id: BigInt(FIRST_OTHER + index),
  name: `other ${index}`,
  status: "new",
}));
const OPTIONAL = ["mag", "flux", "visits", "seen", "labels", "notes"] as const;

/** A star without some of its optional fields, so that rows have several shapes. */
const partialStar = fc.tuple(
  star,
  fc.subarray([...OPTIONAL], { maxLength: 2 }),
  fc.boolean(),
).map(([row, omitted, isWhole]): StarInsert =>
  isWhole ? row : Object.fromEntries(
    Object.entries(row).filter(([name]) =>
      !omitted.some((field) => field === name)
    ),
  ) as unknown as StarInsert
);
/** Stars of few keys, so that some rows have the same one. */
const batch = fc.array(partialStar, { minLength: 1, maxLength: 12 }).map((
  rows,
) => rows.map((row, index) => ({ ...row, name: `${row.name}${index % 9}` })));
const way = fc.oneof(
  fc.constantFrom("ignore" as const, "error" as const),
  fc.record({
    conflict: fc.constantFrom(["id"] as const, ["name"] as const),
    update: fc.subarray(["mag", "labels", "notes", "seen"] as const),
    prefer: fc.subarray(["mag", "visits", "status"] as const, { maxLength: 2 }),
  }, { requiredKeys: ["conflict"] }),
);

for (const engine of everyPostgres) {
  test(`${engine.name}: few rows are written as they are among many`, async () => {
    const db = await engine.open([Star]);
    await db.createDb();
    const stars = db.query(Star);
    await property(
      20 * ROUNDS,
      fc.tuple(fc.array(star, { maxLength: 8 }), batch, way),
      async ([before, rows, how]) => {
        const isError = how === "error";
        const write = async (given: StarInsert[]) => {
          await stars.deleteAll({ filterBy: {}, all: true });
          await stars.bulkInsert([...before, ...isError ? [] : others]);
          const counts: unknown = await (typeof how === "string"
            ? stars.bulkInsert(given, { onConflict: how })
            : stars.bulkUpsert(given, how)).catch((error) =>
              error.name
            );
          const table = await stars.findAll({
            filterBy: { id: { lt: BigInt(FIRST_OTHER) } },
            orderBy: { id: "asc" },
          });
          return { counts, table };
        };
        const few = await write(rows);
        const many = await write([...rows, ...others]);
        assert.deepEqual(few.table, many.table);
        if (typeof few.counts === "string" || typeof many.counts === "string") {
          assert.equal(few.counts, many.counts);
        } else {
          const counted = many.counts as Record<string, number>;
          const name = isError
            ? "inserted"
            : how === "ignore"
            ? "ignored"
            : "unchanged";
          assert.deepEqual(few.counts, {
            ...counted,
            [name]: (counted[name] ?? 0) - OTHERS,
          });
        }
      },
    );
    await db.dropDb();
    await db.close();
  });
}

const bands = z.enum(["g", "r"]);
const moment = (text: string): Date => new Date(text);
/** The type of the column, the field, and some of its values. */
const TYPES: readonly [string, z.ZodType, readonly unknown[]][] = [
  ["band", bands, ["g", "r"]],
  ["band[]", z.array(bands), [["g", "r"], []]],
  ["short", z.string(), ["ab", "ä☉"]],
  ["short[]", z.array(z.string()), [["ab"], ['"', "\\", "{}", "", "n,l"]]],
  ["varchar(3)", z.string(), ["abc", "ab   ", ""]],
  ["char(4)", z.string(), ["ab", "ab  "]],
  ["inet", z.string(), ["10.0.0.1"]],
  ["interval", z.string(), ["01:00:00", "1 mon"]],
  ["interval[]", z.array(z.string()), [["01:00:00"]]],
  ["json", z.json(), [{ b: 1, a: 2 }, [1, null]]],
  ["jsonb", z.json(), [{ a: 9_007_199_254_740_993n }, "x", 1e300]],
  ["text", z.json(), [{ a: 1 }]],
  ["bytea", bytes(), [Uint8Array.of(0, 255), new Uint8Array()]],
  ["numeric", z.string(), ["1.00000000000000000001", "NaN"]],
  ["numeric(9,3)", z.float64(), [1.0005, 0.1, -2.3456]],
  ["numeric", z.float32(), [0.1, 16_777_217]],
  ["numeric[]", z.array(z.float64()), [[0.1, 1 / 3], []]],
  ["real", z.float64(), [0.1, 1e-40]],
  ["smallint", z.int32(), [1, -32_768]],
  ["bigint", z.int64(), [2n ** 63n - 1n, -(2n ** 63n)]],
  ["numeric", z.int64(), [2n ** 63n - 1n]],
  ["boolean[]", z.array(z.boolean().nullable()), [[true, null, false]]],
  ["bigint[]", z.array(z.int64().nullable()), [[1n, null], [2n ** 62n]]],
  ["double precision[]", z.array(z.float64()), [[0.1, -0, 5e-324]]],
  ["timestamptz", z.date(), [
    moment("2024-05-01T03:00:00.123Z"),
    exactDate(Date.parse("2024-05-01T03:00:00.123Z"), 456),
    new Date(8.64e15),
    new Date(-8.64e15),
    moment("-000043-03-15T12:00:00.999Z"),
  ]],
  ["timestamp", z.date(), [moment("2024-05-01T03:00:00.123Z")]],
  ["timestamptz(0)", z.date(), [moment("2024-05-01T03:00:00.623Z")]],
  ["date", z.date(), [moment("2024-05-01T23:59:00Z")]],
  ["timestamptz[]", z.array(z.date()), [[
    exactDate(Date.parse("2024-05-01T03:00:00.123Z"), 456),
    new Date(8.64e15),
  ]]],
  ["timestamp[]", z.array(z.date()), [[moment("2024-05-01T03:00:00.123Z")]]],
  ["uuid", z.uuid(), ["ffffffff-0000-4000-8000-000000000001"]],
  ["text", z.uuid(), ["ffffffff-0000-4000-8000-000000000001"]],
];

for (const isDeclared of [true, false]) {
  const fields = Object.fromEntries(
    TYPES.map((
      [sqlType, type, values],
      index,
    ) => [`c${index}`, { sqlType, type, values }]),
  );
  /** Some columns hold values of a field only if the model does not declare them. */
  const declares = (sqlType: string, type: z.ZodType): boolean =>
    isDeclared && sqlType !== "numeric" &&
    (sqlType !== "text" || type.def.type === "string");
  const Thing = defineModel("thing", {
    fields: z.object({
      id: z.int32(),
      ...Object.fromEntries(
        Object.entries(fields).map(([name, { sqlType, type }]) => [
          name,
          declares(sqlType, type)
            ? type.nullable().meta({ sqlType })
            : type.nullable(),
        ]),
      ),
    }),
    primaryKey: ["id"],
  });
  testTables(
    `one statement writes each type as COPY does${
      isDeclared ? "" : ", if the model does not declare it"
    }`,
    [Thing],
    [
      "create type band as enum ('g', 'r')",
      "create domain short as varchar(3) check (value <> 'zz')",
      `create table thing (id int primary key, ${
        Object.entries(fields).map(([name, { sqlType }]) =>
          `${name} ${sqlType}`
        ).join(", ")
      })`,
    ],
    async ({ db, run }) => {
      // deno-lint-ignore no-explicit-any -- the types of the fields vary
      const things: any = db.query(Thing);
      const rows = Array.from({ length: 6 }, (_, id) => ({
        id,
        ...Object.fromEntries(
          Object.entries(fields).map(([name, { values }]) => [
            name,
            values[id] ?? null,
          ]),
        ),
      }));
      const empty = Array.from({ length: OTHERS }, (_, index) => ({
        id: FIRST_OTHER + index,
      }));
      const written: unknown[] = [];
      for (const call of ["bulkInsert", "bulkUpsert"]) {
        const others = empty.map((row) => ({ ...rows[5], ...row }));
        for (
          const calls of [[rows], rows.map((row) => [row]), [[
            ...rows,
            ...others,
          ]]]
        ) {
          await run("truncate thing");
          for (const given of calls) await things[call](given);
          written.push(
            await run(
              `select to_jsonb(thing)::text as t, array[${
                Object.keys(fields).map((name) => `${name}::text`).join(", ")
              }]::text as u from thing where id < ${FIRST_OTHER} order by id`,
            ),
          );
        }
      }
      assert.equal(written.length, 6);
      for (const other of written) assert.deepEqual(other, written[0]);
    },
  );
}
