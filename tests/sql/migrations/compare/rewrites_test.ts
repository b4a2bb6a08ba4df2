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
  NO_INTENT,
  ON_SQL,
  type Place,
} from "../../../support/plan_database.ts";

/** The types, a value, and whether the server keeps the rows. */
const TYPES: readonly (readonly [string, string, string, boolean])[] = [
  ["varchar(10)", "varchar(20)", "'x'", true],
  ["varchar(10)", "varchar", "'x'", true],
  ["varchar(10)", "text", "'x'", true],
  ["text", "varchar", "'x'", true],
  ["numeric(6,2)", "numeric(8,2)", "1.5", true],
  ["numeric(6,2)", "numeric", "1.5", true],
  ["timestamptz(3)", "timestamptz(6)", "now()", true],
  ["cidr", "inet", "'10.0.0.0/8'", true],
  ['text collate "C"', 'text collate "POSIX"', "'x'", true],
  ["smallint", "integer", "1", false],
  ["integer", "bigint", "1", false],
  ["numeric(6,2)", "numeric(6,3)", "1.5", false],
  ["text", "varchar(10)", "'x'", false],
  ["varchar(20)", "varchar(10)", "'x'", false],
  ["char(3)", "text", "'x'", false],
  ["json", "jsonb", "'{}'", false],
];

const column = (sqlType: string): AnyModel[] => [
  model("t", { c: z.string().nullable().meta({ sqlType }) }, {
    primaryKey: ["id"],
  }),
];

async function file(place: Place): Promise<string | undefined> {
  return (await place.run("select pg_relation_filenode('t')"))[0]?.[0];
}

for (const engine of ON_SQL) {
  for (const [from, to, value, quick] of TYPES) {
    test(`${engine.name}: ${from} to ${to} ${quick ? "keeps the rows" : "is refused"}`, async () => {
      const place = await engine.place();
      const old = await place.open(column(from));
      await old.createDb();
      await place.run(`insert into t values (1, ${value})`);
      const db = await place.open(column(to));
      const plan = await db.migrations().plan({
        intent: NO_INTENT,
        managed: await managedOf(old),
      });
      assert.equal(plan.refused.length, quick ? 0 : 1);
      const before = await file(place);
      const { up } = files(db, plan);
      await apply(place, up);
      assert.equal(await file(place), before);
      assert.equal(up.steps.length > 0, quick);
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
