// Expressions over columns of other types than their fields.
import {
  CheckError,
  defineModel,
  greatest,
  ifNull,
  increment,
  least,
  QueryError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

const Thing = defineModel("thing", {
  fields: z.object({
    id: z.int32(),
    small: z.int32().nullable().meta({ sqlType: "smallint" }),
    wide: z.int32().nullable(),
    exact: z.float64().nullable().meta({ sqlType: "numeric(40, 2)" }),
    single: z.float32().nullable(),
    short: z.string().nullable().meta({ sqlType: "varchar(3)" }),
    padded: z.string().nullable().meta({ sqlType: "char(3)" }),
    micros: z.int64().nullable().meta({ sqlType: "timestamptz" }),
    net: z.string().nullable().meta({ sqlType: "inet" }),
    doc: z.json().nullable().meta({ sqlType: "json" }),
    place: z.string().nullable().meta({ sqlType: "point" }),
    band: z.enum(["r", "g"]).nullable().meta({ sqlType: "public.expr_band" }),
  }),
  primaryKey: ["id"],
});

testTables(
  "expressions keep to the type of the column and the range of the field",
  [Thing],
  [
    "drop type if exists public.expr_band cascade",
    "create type public.expr_band as enum ('r', 'g')",
    "create table thing (id int primary key, small smallint, wide bigint, exact numeric(40, 2), single double precision, short varchar(3), padded char(3), micros timestamptz, net inet, doc json, place point, band public.expr_band)",
    "insert into thing values (1, 32766, 2147483646, 12345678901234567890.12, 0.1, 'b', 'b', '2020-01-01 00:00:00.000001Z', '10.0.0.2', null, null, 'r'), (2, null, null, null, null, null, null, null, null, null, null, null)",
  ],
  async ({ db, run }) => {
    const things = db.query(Thing);
    const set = async (change: Parameters<typeof things.updateAll>[0]["set"]) =>
      await things.updateAll({ filterBy: {}, set: change });
    await set({ small: increment(1), wide: increment(1) });
    for (const change of [{ small: increment(1) }, { wide: increment(1) }]) {
      await assert.rejects(set(change), CheckError);
    }
    await set({
      exact: increment(0.5),
      single: increment(0.5),
      short: greatest("c"),
      padded: least("a"),
      micros: greatest(1_577_836_800_000_002n),
      net: greatest("10.0.0.10"),
      doc: ifNull({ a: [1] }),
      band: greatest("g"),
    });
    await assert.rejects(set({ short: greatest("long") }), /too long/);
    await assert.rejects(
      set({ micros: increment(1n) }),
      /micros cannot be increment\(1\): it holds times/,
    );
    await assert.rejects(
      set({ place: greatest("(1,2)") }),
      (error) => error instanceof QueryError && /no|none/.test(error.message),
    );
    await things.bulkUpdate([
      { id: 1, exact: increment(0.25), net: least("10.0.0.3") },
      { id: 2, exact: increment(0.25), net: least("10.0.0.3") },
    ]);
    assert.deepEqual(
      await run(
        "select small, wide::text, exact::text, single, short, padded::text, micros at time zone 'UTC' = '2020-01-01 00:00:00.000002' as micros, net::text, doc::text, band::text from thing order by id",
      ),
      [
        {
          small: 32767,
          wide: "2147483647",
          exact: "12345678901234567890.87",
          single: Math.fround(Math.fround(0.1) + 0.5),
          short: "c",
          padded: "a",
          micros: true,
          net: "10.0.0.3/32",
          doc: '{"a":[1]}',
          band: "g",
        },
        {
          small: null,
          wide: null,
          exact: null,
          single: null,
          short: "c",
          padded: "a",
          micros: true,
          net: "10.0.0.3/32",
          doc: '{"a":[1]}',
          band: "g",
        },
      ],
    );
    await run("drop type public.expr_band cascade");
  },
  ["postgresql", "pglite"],
);
