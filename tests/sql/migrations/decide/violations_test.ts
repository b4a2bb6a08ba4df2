// Existing rows that break each kind of new rule are counted before a file runs.
import { type AnyModel, defineModel, SQLConnection } from "@alerce/db-plugins";
import { makeMigrations, migrate } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { freshSchema } from "../../../support/engines.ts";
import { everyServer, send } from "../../../support/migrating.ts";

const Parent = defineModel("parent", {
  fields: z.object({ id: z.int32() }),
  primaryKey: ["id"],
});
const fields = {
  id: z.int32(),
  parent: z.int32().nullable(),
  name: z.string().nullable(),
  mag: z.float64().nullable(),
};
const Before = defineModel("star", {
  fields: z.object(fields),
  primaryKey: ["id"],
});
const After = defineModel("star", {
  fields: z.object({ ...fields, mag: z.float64() }),
  primaryKey: ["id"],
  foreignKeys: [
    { fields: ["parent"], references: { table: "parent", fields: ["id"] } },
  ],
  indexes: [{ fields: ["name"], unique: true, where: "mag > 5" }],
  checks: [{ name: "star_mag_check", sql: "mag < 90" }],
});

for (const [server, settings] of everyServer()) {
  test(`${server}: a dry run counts the rows that break a new foreign key, unique index, check, and NOT NULL`, async () => {
    const directory = await Deno.makeTempDir();
    const SCHEMA = freshSchema();
    const open = async (...models: readonly AnyModel[]) => {
      const db = new SQLConnection({ models });
      await db.connect({ ...settings, SCHEMA });
      return db;
    };
    try {
      await using old = await open(Parent, Before);
      await makeMigrations(old, { directory });
      await migrate(old, { directory });
      await using db = await open(Parent, After);
      const { violations } = await makeMigrations(db, { directory });
      assert.equal(violations, undefined);
      await send(
        db,
        `insert into ${SCHEMA}.parent values (1)`,
        `insert into ${SCHEMA}.star values (1, 1, 'a', 6), (2, 7, 'a', 7), (3, 8, 'b', 1), (4, null, 'b', 99), (5, null, null, null)`,
      );
      const { warnings = [] } = await migrate(db, { directory, dryRun: true });
      assert.deepEqual(
        warnings.map(({ problem }) => problem).toSorted(),
        [
          "Existing rows violate NOT NULL of star.mag: 1 row with null",
          "Existing rows violate the check star_mag_check of star: 1 row for which CHECK (mag < 90::double precision) is false, such as (99)",
          "Existing rows violate the foreign key star_parent_fkey of star: 2 rows without a row of parent, such as (7)",
          "Existing rows violate the unique index ix_star_name of star: 2 rows share 1 value of (name), such as (a)",
        ],
      );
      await db.dropDb();
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
