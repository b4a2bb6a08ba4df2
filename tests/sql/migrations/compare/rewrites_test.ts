// A plan makes a change of type only if the server does not rewrite the table.
import type { AnyModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { model } from "../../../support/plan_cases.ts";
import { managedOf } from "../../../support/plan_oracle.ts";
import {
  apply,
  files,
  NEWEST_SQL,
  NO_INTENT,
  type Place,
} from "../../../support/plan_database.ts";

/** Whether the server keeps the rows, rewrites a small table, or the change is refused, because it could change values. */
type Outcome = "keeps the rows" | "rewrites a small table" | "is refused";

/** The types, a value, and what a plan makes of the change. */
const TYPES: readonly (readonly [string, string, string, Outcome])[] = [
  ["varchar(10)", "varchar(20)", "'x'", "keeps the rows"],
  ["varchar(10)", "varchar", "'x'", "keeps the rows"],
  ["varchar(10)", "text", "'x'", "keeps the rows"],
  ["text", "varchar", "'x'", "keeps the rows"],
  ["numeric(6,2)", "numeric(8,2)", "1.5", "keeps the rows"],
  ["numeric(6,2)", "numeric", "1.5", "keeps the rows"],
  ["timestamptz(3)", "timestamptz(6)", "now()", "keeps the rows"],
  ["cidr", "inet", "'10.0.0.0/8'", "keeps the rows"],
  ['text collate "C"', 'text collate "POSIX"', "'x'", "keeps the rows"],
  ["smallint", "integer", "1", "rewrites a small table"],
  ["integer", "bigint", "1", "rewrites a small table"],
  ["numeric(6,2)", "numeric(6,3)", "1.5", "rewrites a small table"],
  ["text", "varchar(10)", "'x'", "is refused"],
  ["varchar(20)", "varchar(10)", "'x'", "is refused"],
  ["char(3)", "text", "'x'", "is refused"],
  ["json", "jsonb", "'{}'", "is refused"],
  ["real", "double precision", "1.5", "rewrites a small table"],
  ["bigint", "numeric(19,0)", "1", "rewrites a small table"],
  ["numeric(6,3)", "numeric(6,2)", "1.125", "is refused"],
  ["numeric", "double precision", "1.1", "is refused"],
  ["bigint", "double precision", "1", "is refused"],
  ["double precision", "real", "1.1", "is refused"],
  ["timestamptz", "timestamptz(0)", "now()", "is refused"],
];

const column = (sqlType: string): AnyModel[] => [
  model("t", { c: z.string().nullable().meta({ sqlType }) }, {
    primaryKey: ["id"],
  }),
];

async function file(place: Place): Promise<string | undefined> {
  return (await place.run("select pg_relation_filenode('t')"))[0]?.[0];
}

for (const engine of NEWEST_SQL) {
  for (const [from, to, value, outcome] of TYPES) {
    test(`${engine.name}: ${from} to ${to} ${outcome}`, async () => {
      const place = await engine.place();
      const old = await place.open(column(from));
      await old.createDb();
      await place.run(`insert into t values (1, ${value})`);
      const db = await place.open(column(to));
      const plan = await db.migrations().plan({
        intent: NO_INTENT,
        managed: await managedOf(old),
      });
      assert.equal(plan.refused.length, outcome === "is refused" ? 1 : 0);
      const before = await file(place);
      const { up } = files(db, plan);
      await apply(place, up);
      assert.equal(
        await file(place) !== before,
        outcome === "rewrites a small table",
      );
      assert.equal(up.steps.length > 0, outcome !== "is refused");
      await place.close();
    });
  }

  for (
    const [name, field] of [
      ["a fixed default", z.int32().meta({ sqlDefault: "7" })],
      ["a default of now", z.date().meta({ sqlDefault: "now()" })],
      ["a random default", z.uuid().meta({ sqlDefault: "gen_random_uuid()" })],
      ["a clock", z.date().meta({ sqlDefault: "clock_timestamp()" })],
      ["a default of the model's", z.int32().default(7)],
    ] as const
  ) {
    test(`${engine.name}: a required column with ${name} does not rewrite the table`, async () => {
      const place = await engine.place();
      const old = await place.open([model("t", {}, { primaryKey: ["id"] })]);
      await old.createDb();
      await place.run("insert into t select generate_series(1, 30)");
      const db = await place.open([
        model("t", { c: field }, { primaryKey: ["id"] }),
      ]);
      const plan = await db.migrations().plan({
        intent: NO_INTENT,
        managed: await managedOf(old),
      });
      const before = await file(place);
      await apply(place, files(db, plan).up);
      assert.equal(await file(place), before);
      assert.deepEqual(
        await place.run("select count(*) from t where c is null"),
        [["0"]],
      );
      await place.close();
    });
  }
}
