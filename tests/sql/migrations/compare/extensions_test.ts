// Missing extensions that models need: files create them and never drop them, and errors explain why one cannot be created.
import { type AnyModel, SchemaError } from "@alerce/db-plugins";
import {
  baseline,
  check,
  drift,
  makeMigrations,
  migrate,
  MigrationError,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { dbp, settingsFile } from "../../../support/cli.ts";
import { test } from "../../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../../support/engines.ts";
import { fails, testFolder } from "../../../support/migrations_folder.ts";
import { model, type Options } from "../../../support/plan_cases.ts";
import {
  embedded,
  NEWEST_APART,
  NO_INTENT,
  placed,
} from "../../../support/plan_database.ts";
import { ROUNDS } from "../../../support/rounds.ts";

const SERVERS = NEWEST_APART.filter(({ name }) => name !== "pglite");
const text = z.string().nullable();
const t = (fields: z.ZodRawShape = {}, options: Options = {}): AnyModel =>
  model("t", { c: text, ...fields }, { primaryKey: ["id"], ...options });
const similar = (name = "similarity"): AnyModel =>
  t({}, {
    indexes: [{ name: "ix_t_x", fields: [{ sql: `${name}(c, 'x')` }] }],
  });
const EXTENSIONS =
  "select extname from pg_extension where extname <> 'plpgsql' order by 1";

for (const engine of NEWEST_APART) {
  test(`${engine.name}: a change that needs an extension creates it, and the down migration keeps it`, async () => {
    await placed(engine, async (place) => {
      await using folder = await testFolder("sql");
      const { directory } = folder;
      await (await place.open([t()])).createDb();
      await baseline(await place.open([t()]), { directory });
      const db = await place.open([similar()]);
      const added =
        "add the index ix_t_x on t USING btree (similarity(c::text, 'x'::text))";
      const changes = ["add the extension pg_trgm", added];
      await assert.rejects(
        makeMigrations(db, { directory, check: true }),
        fails(2, /add the extension pg_trgm\n.*add the index ix_t_x/),
      );
      const before = await drift(db, { directory });
      assert.deepEqual([before.differences, before.exitCode], [changes, 5]);
      const shown = await makeMigrations(db, { directory, dryRun: true });
      assert.deepEqual(shown.changes, changes);
      assert.deepEqual(await place.run(EXTENSIONS), []);

      const { files } = await makeMigrations(db, { directory });
      assert.match(
        files?.upText ?? "",
        /^-- dbp:step\nCREATE EXTENSION IF NOT EXISTS "pg_trgm";\n\n-- dbp:step tx=none .*\nCREATE INDEX CONCURRENTLY ix_t_x /m,
      );
      assert.match(
        files?.downText ?? "",
        /\n-- The extension pg_trgm is not dropped: other objects may use it\.\nDROP INDEX CONCURRENTLY ix_t_x;\n$/,
      );
      const clean = async () => {
        assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
        assert.equal((await check(db, { directory })).exitCode, 0);
      };
      await migrate(db, { directory });
      await clean();
      await rollback(db, { directory });
      assert.deepEqual(await place.run(EXTENSIONS), [["pg_trgm"]]);
      await migrate(db, { directory });
      await clean();
    });
  });
}

for (const engine of ROUNDS > 1 ? NEWEST_APART : SERVERS) {
  test(`${engine.name}: an operator class creates its extension, and createDb reports another class`, async () => {
    await placed(engine, async (place) => {
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const by = (opclass: string, using: "gist" | "btree"): AnyModel =>
        t({}, {
          indexes: [{
            name: "ix_t_c",
            using,
            fields: [{ field: "c", opclass }],
          }],
        });
      await (await place.open([t()])).createDb();
      await baseline(await place.open([t()]), { directory });
      const db = await place.open([by("gist_trgm_ops(siglen=32)", "gist")]);
      const { files } = await makeMigrations(db, { directory });
      assert.match(
        files?.upText ?? "",
        /CREATE EXTENSION IF NOT EXISTS "pg_trgm";[^]*USING gist \(c gist_trgm_ops \(siglen='32'\)\)/,
      );
      await migrate(db, { directory });
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      await place.run("alter index ix_t_c set (fillfactor = 70)");
      assert.deepEqual((await db.createDb({ verify: true })).created, []);
      await place.run("drop index ix_t_c");
      await place.run("create index ix_t_c on t (c)");
      const other = await place.open([by("text_pattern_ops", "btree")]);
      await assert.rejects(
        other.createDb({ verify: true }),
        /the index ix_t_c on t is USING btree \(c\), the model has USING btree \(c text_pattern_ops\)/,
      );
    });
  });

  test(`${engine.name}: a first file creates existing extensions too`, async () => {
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const models = [similar()];
    const ends: (string | undefined)[] = [];
    await placed(engine, async (place) => {
      const db = await place.open(models);
      const { files, applied } = await baseline(db, { directory });
      assert.equal(applied.length, 1);
      assert.match(files?.upText ?? "", /CREATE EXTENSION IF NOT EXISTS/);
      assert.deepEqual((await db.createDb({ verify: true })).created, []);
      ends.push(await db.migrations().fingerprint());
      assert.equal((await check(db, { directory })).exitCode, 0);
      // As if another database already had all of it.
      await using other = await testFolder("sql");
      await place.run("drop table dbp_migrations");
      const existing = await baseline(db, { directory: other.directory });
      assert.equal(existing.recorded.length, 1);
      assert.equal(existing.files?.upText, files?.upText);
    });
    await placed(engine, async (place) => {
      const db = await place.open(models);
      await migrate(db, { directory });
      ends.push(await db.migrations().fingerprint());
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
    });
    assert.equal(ends[0], ends[1]);
  });
}

for (const engine of NEWEST_APART) {
  test(`${engine.name}: createDb names the missing extension and creates nothing`, async () => {
    await placed(engine, async (place) => {
      const db = await place.open([similar()]);
      await assert.rejects(
        db.createDb(),
        (error) =>
          error instanceof SchemaError &&
          /The extension pg_trgm provides it, but it is not in this database: run CREATE EXTENSION "pg_trgm" first/
            .test(error.message),
      );
      assert.deepEqual(await place.run(EXTENSIONS), []);
      // An extension in a schema without tables is found, as in migrations.
      await place.run("create schema apart");
      await place.run("create extension pg_trgm schema apart");
      assert.deepEqual((await db.createDb()).created, ["t"]);
      assert.deepEqual((await db.createDb({ verify: true })).created, []);
    });
  });
}

for (const engine of SERVERS) {
  test(`${engine.name}: several extensions are created, each after those that it requires`, async () => {
    await placed(engine, async (place) => {
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const db = await place.open([
        t({ d: text.meta({ sqlType: "citext" }) }, {
          indexes: [
            { name: "ix_t_x", fields: [{ sql: "similarity(c, 'x')" }] },
            { name: "ix_t_earth", fields: [{ sql: "ll_to_earth(id, 0)" }] },
            { name: "ix_t_gin", fields: ["id"], using: "gin" },
          ],
        }),
      ]);
      const names = ["citext", "pg_trgm", "cube", "earthdistance", "btree_gin"];
      const { changes, files } = await makeMigrations(db, { directory });
      assert.deepEqual(
        changes.slice(0, -1),
        names.map((name) => `add the extension ${name}`),
      );
      assert.match(
        files?.downText ?? "",
        /earthdistance, btree_gin are not dropped: /,
      );
      await migrate(db, { directory });
      assert.deepEqual(
        (await place.run(EXTENSIONS)).flat(),
        names.toSorted(),
      );
      await rollback(db, { directory, baseline: true });
      await migrate(db, { directory });
      assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      // A first file creates all of them, in a valid order.
      const first = await db.migrations().plan({
        intent: NO_INTENT,
        managed: [],
        empty: true,
      });
      const texts = first.up.steps[0]?.statements ?? [];
      const made = texts.map((text) => /"(\w+)"/.exec(text)?.[1] ?? text);
      assert.deepEqual(made.toSorted(), names.toSorted());
      assert.ok(made.indexOf("cube") < made.indexOf("earthdistance"));
    });
  });

  test(`${engine.name}: a schema before a name determines the schema of its extension`, async () => {
    await placed(engine, async (place) => {
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const models = [similar("public.similarity")];
      for (const schema of ["one", "two"]) {
        const db = await place.open(models, { SCHEMA: schema });
        if (schema === "one") {
          const { files } = await makeMigrations(db, { directory });
          assert.match(
            files?.upText ?? "",
            /CREATE EXTENSION IF NOT EXISTS "pg_trgm" SCHEMA public;/,
          );
        }
        await migrate(db, { directory });
        assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      }
    });
  });

  test(`${engine.name}: an extension in a schema with tables is not searched for there`, async () => {
    await placed(engine, async (place) => {
      await using one = await testFolder("sql");
      await using two = await testFolder("sql");
      const first = await place.open([similar()], { SCHEMA: "one" });
      await makeMigrations(first, { directory: one.directory });
      await migrate(first, { directory: one.directory });
      const second = await place.open([similar()], { SCHEMA: "two" });
      await assert.rejects(
        makeMigrations(second, { directory: two.directory }),
        fails(
          7,
          /pg_trgm provides it, but it is in the schema one, which migrations of the schema two do not search/,
          /write one\. before its names in the models, or move it/,
        ),
      );
      await place.run("create schema apart");
      await place.run("alter extension pg_trgm set schema apart");
      await makeMigrations(second, { directory: two.directory });
      await migrate(second, { directory: two.directory });
      for (
        const [db, { directory }] of [[first, one], [second, two]] as const
      ) {
        assert.deepEqual((await makeMigrations(db, { directory })).changes, []);
      }
    });
  });

  test(`${engine.name}: a role without the privilege to create an extension gets advice`, async () => {
    await placed(engine, async (place) => {
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const role = freshSchema();
      const [[database = ""] = []] = await place.run(
        "select current_database()",
      );
      await place.run(`create role ${role} login password 'p'`);
      await place.run(`grant create on schema public to ${role}`);
      const as = { USER: role, PASSWORD: "p" };
      try {
        const trusted = await place.open([similar()], as);
        const refusal = fails(
          7,
          RegExp(
            `Not generated: add the extension pg_trgm \\(the role ${role} is not permitted, a role with the CREATE privilege on the database ${database} is\\)`,
          ),
          RegExp(`GRANT CREATE ON DATABASE ${database} TO ${role};`),
          /CREATE EXTENSION IF NOT EXISTS "pg_trgm";$/,
        );
        await assert.rejects(makeMigrations(trusted, { directory }), refusal);
        await assert.rejects(baseline(trusted, { directory }), refusal);
        await assert.rejects(
          makeMigrations(trusted, { directory, check: true }),
          fails(2, /add the extension pg_trgm/),
        );
        const { exitCode, differences } = await drift(trusted);
        assert.equal(exitCode, 5);
        assert.match(
          differences[0] ?? "",
          /^add the extension pg_trgm \(/,
        );
        await place.run(`grant create on database ${database} to ${role}`);
        const { changes } = await makeMigrations(trusted, {
          directory,
          dryRun: true,
        });
        assert.equal(changes[0], "add the extension pg_trgm");
        const other = await place.open([
          t({}, {
            checks: [{ name: "k", sql: "(pgstattuple('t')).table_len > id" }],
          }),
        ], as);
        await assert.rejects(
          makeMigrations(other, { directory }),
          fails(
            7,
            /pgstattuple \(the role \w+ is not permitted, a superuser is\)/,
          ),
        );
        assert.deepEqual(await folder.names(), []);
        assert.deepEqual(await place.run(EXTENSIONS), []);
      } finally {
        await place.run(`drop owned by ${role} cascade`);
        await place.run(`drop role ${role}`);
      }
    });
  });
}

test("dbp initdb creates extensions", async () => {
  const [engine = embedded] = SERVERS;
  await placed(engine, async (place) => {
    const [[database = ""] = []] = await place.run("select current_database()");
    await using settings = await settingsFile(`
import { defineModel } from "@alerce/db-plugins";
import { z } from "zod";
export const DB_CONFIG = { SQL: ${
      JSON.stringify({ ...postgresSettings(), DB_NAME: database })
    } };
export const MODELS = [defineModel("star", {
  fields: z.object({ id: z.int32(), name: z.string().meta({ sqlType: "citext" }) }),
  primaryKey: ["id"],
})];`);
    const run = (...words: string[]) =>
      dbp(...words, "--settings_path", settings.path);
    const { code, out, err } = await run("initdb");
    assert.equal(code, 0, err);
    assert.match(out, /Applied \d+T\d+_baseline/);
    assert.equal((await run("make_migrations", "--check")).code, 0);
    assert.equal((await run("initdb")).code, 0);
  });
});

test("tables of an extension do not affect the proof of a file", async () => {
  const [engine = embedded] = SERVERS;
  const share = await Deno.makeTempDir({ prefix: "dbp-extension-" });
  const home = `${share}/extension`;
  await Deno.mkdir(home);
  await Deno.writeTextFile(
    `${home}/dbp_sky.control`,
    "default_version = '1'\nrelocatable = true\n",
  );
  await Deno.writeTextFile(
    `${home}/dbp_sky--1.sql`,
    "create table sky_zones (id int primary key); create domain dbp_sky as text;",
  );
  for (const [path, mode] of [[share, 0o755], [home, 0o755]] as const) {
    await Deno.chmod(path, mode);
  }
  await placed(engine, async (place) => {
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const [[database = ""] = []] = await place.run("select current_database()");
    await place.run(
      `alter database ${database} set extension_control_path = '$system:${share}'`,
    );
    const db = await place.open([
      t({ sky: text.meta({ sqlType: "dbp_sky" }) }),
    ]);
    const { changes } = await makeMigrations(db, { directory });
    assert.deepEqual(changes, ["add the extension dbp_sky", "add the table t"]);
    await migrate(db, { directory });
    const again = await makeMigrations(db, { directory });
    assert.deepEqual([again.changes, again.unmanaged], [[], ["sky_zones"]]);
  });
  await Deno.remove(share, { recursive: true });
});

test("a file that cannot create an extension fails with advice", async () => {
  const [engine = embedded] = SERVERS;
  await placed(engine, async (place) => {
    await using folder = await testFolder("sql");
    const { directory } = folder;
    const role = freshSchema();
    await place.run(`create role ${role} login password 'p'`);
    await place.run(`grant create on schema public to ${role}`);
    const as = { USER: role, PASSWORD: "p" };
    try {
      const db = await place.open([similar()], as);
      const file = (text: string) =>
        folder.write({ "20260930T141502_one.up.sql": text });
      await file('CREATE EXTENSION IF NOT EXISTS "pg_trgm";');
      await assert.rejects(
        migrate(db, { directory }),
        fails(
          1,
          /A superuser must create it, or, if the extension is trusted, /,
        ),
      );
      // When the extension exists, the file is applied.
      await place.run("create extension pg_trgm");
      assert.equal((await migrate(db, { directory })).applied.length, 1);
    } finally {
      await place.run(`drop owned by ${role} cascade`);
      await place.run(`drop role ${role}`);
    }
    await using other = await testFolder("sql");
    const db = await place.open([], { SCHEMA: "other" });
    for (
      const [text, advice] of [
        [
          "CREATE EXTENSION q3c",
          /administrator must install the extension first/,
        ],
        ["CREATE EXTENSION pg_trgm", /write CREATE EXTENSION IF NOT EXISTS/],
      ] as const
    ) {
      await other.write({ "20260930T141502_one.up.sql": `${text};` });
      await assert.rejects(
        migrate(db, { directory: other.directory }),
        fails(1, advice),
      );
    }
  });
});

test("an extension that the server does not have is named", async () => {
  /** Functions by their extensions; a machine may have some of them. */
  const calls = {
    pg_trgm: "similarity(c, 'x')",
    q3c: "q3c_ang2ipix(id, id)",
    pg_healpix: "healpix_nside2order(id)",
  };
  for (const engine of [embedded, ...SERVERS]) {
    await placed(engine, async (place) => {
      const available = new Set(
        (await place.run("select name from pg_available_extensions")).flat(),
      );
      const [name, call] = Object.entries(calls).find(([name]) =>
        !available.has(name)
      ) ?? assert.fail("the server has every extension");
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const db = await place.open([
        t({}, { indexes: [{ fields: [{ sql: call }] }] }),
      ]);
      await assert.rejects(
        makeMigrations(db, { directory }),
        fails(
          7,
          RegExp(`add the extension ${name} .*this server does not have`),
          RegExp(`CREATE EXTENSION IF NOT EXISTS "${name}";`),
        ),
      );
      await assert.rejects(
        db.createDb(),
        RegExp(`The extension ${name} provides it, but this server does not`),
      );
    });
  }
});

test("a file that does not create its extension fails the proof", async () => {
  const [engine = embedded] = SERVERS;
  await placed(engine, async (place) => {
    const target = (await place.open([similar()])).migrations();
    const options = { intent: NO_INTENT, managed: [] };
    const { up } = await target.plan(options);
    const without = { ...up, steps: up.steps.slice(1) };
    const script = target.dialect.parse(
      target.dialect.print(without),
      "x.up.sql",
    );
    await assert.rejects(
      target.prove(script, undefined, options),
      fails(
        1,
        /^Step 1 of the up migration, line \d+, fails .*similarity\(.*does not exist/,
      ),
    );
  });
});

test("an unknown function is an error of the server, and no extension remains", async () => {
  for (const engine of NEWEST_APART) {
    await placed(engine, async (place) => {
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const db = await place.open([similar("other_similarity")]);
      await assert.rejects(
        makeMigrations(db, { directory }),
        (error) =>
          !(error instanceof MigrationError) &&
          /other_similarity\(.*does not exist/.test(String(error)),
      );
      assert.deepEqual(await place.run(EXTENSIONS), []);
    });
  }
});

test("a file may create extensions; DROP EXTENSION CASCADE must be declared destructive", () => {
  return placed(embedded, async (place) => {
    const { dialect } = (await place.open([])).migrations();
    const problems = (text: string) =>
      dialect.lint(dialect.parse(text, "x.up.sql"), "up").map(({ rule }) =>
        rule
      );
    assert.deepEqual(problems("CREATE EXTENSION IF NOT EXISTS pg_trgm;"), []);
    assert.deepEqual(problems("CREATE EXTENSION pg_trgm SCHEMA s;"), []);
    assert.deepEqual(problems("DROP EXTENSION pg_trgm CASCADE;"), [
      "drop-without-destructive",
    ]);
  });
});
