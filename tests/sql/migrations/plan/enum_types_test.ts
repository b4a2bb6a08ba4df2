// Enum types of the server that models declare are created, extended, compared and dropped.
import { type AnyModel, defineModel, SchemaError } from "@alerce/db-plugins";
import {
  baseline,
  check,
  drift,
  makeMigrations,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { testFolder } from "../../../support/migrations_folder.ts";
import { NEWEST_SQL, type Place } from "../../../support/plan_database.ts";

function star(fields: z.ZodRawShape = {}): AnyModel {
  const all: z.ZodRawShape = { id: z.int32(), ...fields };
  return defineModel("star", { fields: z.object(all), primaryKey: ["id"] });
}

function band(...values: [string, ...string[]]) {
  return z.enum(values).meta({ sqlType: "band" });
}

const PLAIN = [star()];
const TYPED = [star({
  band: band("g", "r").default("r").meta({ sqlDefault: "'r'" }),
  bands: z.array(z.enum(["g", "r"])).nullable().meta({ sqlType: "band[]" }),
  kind: z.enum(["a b", "it's"]).nullable().meta({ sqlType: '"Kind"' }),
})];
const MORE = [star({
  band: band("u", "g", "i", "r").meta({ sqlDefault: "'i'" }),
  bands: z.array(z.enum(["g", "r"])).nullable().meta({ sqlType: "band[]" }),
  kind: z.enum(["a b", "it's"]).nullable().meta({ sqlType: '"Kind"' }),
  other: band("i").meta({ sqlDefault: "'i'" }),
})];
const VALUES =
  "select enumlabel from pg_enum where enumtypid = 'band'::regtype order by enumsortorder";
const TYPES = `
select t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
where n.nspname = current_schema() and t.typtype = 'e' order by 1`;

function onEach(
  name: string,
  fn: (
    place: Place,
    directory: string,
  ) => Promise<void>,
): void {
  for (const engine of NEWEST_SQL) {
    test(`${engine.name}: ${name}`, async () => {
      await using folder = await testFolder("sql");
      const place = await engine.place();
      try {
        await fn(place, folder.directory);
      } finally {
        await place.close();
      }
    });
  }
}

/** Checks that a database matches its models, and that nothing is left to do. */
async function assertSame(
  place: Place,
  models: readonly AnyModel[],
  directory: string,
): Promise<void> {
  const db = await place.open(models);
  assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
  assert.deepEqual((await drift(db, { directory })).differences, []);
  assert.equal((await check(db, { directory })).exitCode, 0);
  assert.deepEqual((await db.createDb({ verify: true })).created, []);
}

onEach("createDb creates enum types, and dropDb drops them", async (place) => {
  const db = await place.open(TYPED);
  await db.createDb();
  await db.createDb();
  assert.deepEqual(await place.run(TYPES), [["Kind"], ["band"]]);
  await place.run("insert into star (id) values (1)");
  assert.deepEqual(await place.run("select band from star"), [["r"]]);
  await place.run("create table user_table (band band)");
  await db.dropDb();
  assert.deepEqual(await place.run(TYPES), [["band"]]);
  await place.run("drop table user_table");
  await db.createDb();
  await db.dropDb();
  assert.deepEqual(await place.run(TYPES), []);
});

onEach(
  "the first migration of an empty database creates enum types",
  async (place, directory) => {
    const db = await place.open(TYPED);
    await baseline(db, { directory });
    await assertSame(place, TYPED, directory);
    await rollback(db, { directory, baseline: true });
    assert.deepEqual(await place.run(TYPES), []);
    await migrate(db, { directory });
    await assertSame(place, TYPED, directory);
  },
);

onEach(
  "columns of a new enum type are planned with their type",
  async (place, directory) => {
    await baseline(await place.open(PLAIN), { directory });
    await place.run("insert into star values (1)");
    const db = await place.open(TYPED);
    const { files, changes } = await makeMigrations(db, { directory });
    assert.deepEqual(changes.slice(0, 2), [
      "add the type band (g, r)",
      `add the type "Kind" (a b, it's)`,
    ]);
    assert.match(
      files?.upText ?? "",
      /CREATE TYPE band AS ENUM \('g', 'r'\);\nCREATE TYPE "Kind" AS ENUM \('a b', 'it''s'\);\n[^]*ADD COLUMN/,
    );
    assert.match(
      files?.downText ?? "",
      /DROP COLUMN[^]*DROP TYPE "Kind";\nDROP TYPE band;\n$/,
    );
    assert.notDeepEqual((await drift(db)).differences, []);
    await migrate(db, { directory });
    await assertSame(place, TYPED, directory);
    await rollback(db, { directory });
    assert.deepEqual(await place.run(TYPES), []);
    await migrate(db, { directory });
    await assertSame(place, TYPED, directory);
  },
);

onEach(
  "new values are added to an enum type before they are used",
  async (place, directory) => {
    await baseline(await place.open(TYPED), { directory });
    await place.run("insert into star (id) values (1)");
    const db = await place.open(MORE);
    await assert.rejects(db.createDb({ verify: true }), (error) => {
      assert(error instanceof SchemaError);
      assert.match(error.message, /the value 'u' of the type band is missing/);
      return true;
    });
    const { files, changes } = await makeMigrations(db, { directory });
    assert.deepEqual(changes.slice(0, 2), [
      "add the value 'u' of the type band",
      "add the value 'i' of the type band",
    ]);
    assert.match(
      files?.upText ?? "",
      /ALTER TYPE band ADD VALUE IF NOT EXISTS 'u' BEFORE 'g';\nALTER TYPE band ADD VALUE IF NOT EXISTS 'i' AFTER 'g';\n/,
    );
    assert.match(
      files?.downText ?? "",
      /PostgreSQL cannot remove values of an enum type: 'u', 'i' of band stays\./,
    );
    await migrate(db, { directory });
    assert.deepEqual(await place.run(VALUES), [["u"], ["g"], ["i"], ["r"]]);
    await assertSame(place, MORE, directory);
    await rollback(db, { directory });
    await migrate(db, { directory });
    await assertSame(place, MORE, directory);
  },
);

onEach(
  "a file that only adds values is irreversible",
  async (place, directory) => {
    await baseline(await place.open([star({ band: band("g") })]), {
      directory,
    });
    const models = [star({ band: band("g", "r") })];
    const db = await place.open(models);
    await makeMigrations(db, { directory });
    await migrate(db, { directory });
    await assertSame(place, models, directory);
    await assert.rejects(
      rollback(db, { directory }),
      /it is irreversible: PostgreSQL cannot remove values of an enum type: 'r' of band/,
    );
  },
);

onEach(
  "a value that the models no longer have stays in the type, and a check refuses it",
  async (place, directory) => {
    await baseline(await place.open([star({ band: band("g", "r") })]), {
      directory,
    });
    const models = [star({ band: band("r") })];
    const db = await place.open(models);
    const { changes } = await makeMigrations(db, { directory });
    assert.match(changes.join(), /^add the constraint star_band_check/);
    await migrate(db, { directory });
    await assertSame(place, models, directory);
  },
);

onEach(
  "a run that failed after it created types is rolled back",
  async (place, directory) => {
    await baseline(await place.open(PLAIN), { directory });
    const db = await place.open(TYPED);
    const { files } = await makeMigrations(db, { directory });
    assert(files !== undefined);
    await Deno.writeTextFile(
      files.up,
      `${await Deno.readTextFile(
        files.up,
      )}\n-- dbp:step\nSELECT 1 / (SELECT count(*) FROM star);\n`,
    );
    await assert.rejects(migrate(db, { directory }), /division by zero/);
    await rollback(db, { directory });
    assert.deepEqual(await place.run(TYPES), []);
    await place.run("insert into star values (1)");
    await migrate(db, { directory });
  },
);

onEach(
  "domains and sequences that do not exist are refused with the statement that creates them",
  async (place, directory) => {
    await baseline(await place.open(PLAIN), { directory });
    const refused = async (field: z.ZodType, expected: RegExp) => {
      const db = await place.open([star({ n: field })]);
      await assert.rejects(
        makeMigrations(db, { directory }),
        (error: Error & { exitCode?: number }) => {
          assert.match(error.message, expected);
          assert.equal(error.exitCode, 7);
          return true;
        },
      );
    };
    await refused(
      z.float64().nullable().meta({ sqlType: "degrees" }),
      /Cannot plan star\.n: the type degrees does not exist, and the models do not define it\. Write CREATE DOMAIN degrees AS double precision, or the CREATE TYPE that defines it, in a migration of its own \(`dbp make_migrations --empty`\) and apply it first/,
    );
    await refused(
      z.int64().meta({ sqlDefault: "nextval('counter')" }),
      /the sequence counter does not exist, and the models do not define it\. Write CREATE SEQUENCE counter in a migration of its own/,
    );
  },
);
