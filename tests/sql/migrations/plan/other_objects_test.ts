// Plans with enums of the server, triggers, views, extensions and versions of the server.
import type { AnyModel, Index } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import type { SchemaPlan } from "../../../../src/engine/migrations/mod.ts";
import { test } from "../../../support/connected.ts";
import { freshSchema } from "../../../support/engines.ts";
import { model, type Options } from "../../../support/plan_cases.ts";
import { managedOf } from "../../../support/plan_oracle.ts";
import {
  apply,
  embedded,
  EVERY_SQL,
  files,
  intent,
  NEWEST_SERVERS,
  NEWEST_SQL,
  NO_INTENT,
  type Place,
  placed,
  SERVERS,
} from "../../../support/plan_database.ts";

const id = z.int32();
const text = z.string().nullable();
const t = (fields: z.ZodRawShape = {}, options: Options = {}): AnyModel =>
  model("t", fields, { primaryKey: ["id"], ...options });
const sad = z.enum(["sad", "glad"]).nullable();
const mood = sad.meta({ sqlType: "mood" });
const MOOD = "create type mood as enum ('sad', 'glad')";

/** Makes a plan after some statements, proves both files, and runs them up, down and up again. */
async function roundTrip(
  place: Place,
  old: readonly AnyModel[],
  next: readonly AnyModel[],
  statements: readonly string[],
  wanted: ReturnType<typeof intent> = NO_INTENT,
): Promise<SchemaPlan & ReturnType<typeof files>> {
  const from = await place.open(old);
  await from.createDb();
  for (const statement of statements) await place.run(statement);
  const options = { intent: wanted, managed: await managedOf(from) };
  const to = await place.open(next);
  const target = to.migrations();
  const plan = await target.plan(options);
  assert.deepEqual(plan.decisions, []);
  const { up, down, upText, downText } = files(to, plan);
  await target.prove(up, down, options);
  await apply(place, up);
  if (down.irreversible === undefined) {
    await apply(place, down);
    await apply(place, up);
  }
  return { ...plan, ...{ up, down, upText, downText } };
}

/** Runs a sketch without changes. */
async function finish(place: Place, sketch: string): Promise<void> {
  for (const part of sketch.split(/;\s*$/m)) {
    const statement = part.replaceAll(/^\s*--.*$/gm, "").trim();
    if (statement !== "") await place.run(statement);
  }
}

for (const engine of NEWEST_SQL) {
  test(`${engine.name}: a change between text and an enum of the server is refused with a sketch that runs, and so are changes that need the new type`, async () => {
    const rows = ["insert into t values (1, 'glad')"];
    const plain = sad.meta({ sqlDefault: "'sad'" });
    for (
      const [old, next] of [[plain, mood], [mood, plain]] as const
    ) {
      await placed(engine, async (place) => {
        await place.run(MOOD);
        const { refused, up } = await roundTrip(
          place,
          [t({ c: old })],
          [t({ c: next, d: id.nullable() })],
          rows,
        );
        assert.match(refused[0]?.change ?? "", /change the type of t\.c from/);
        assert.ok(
          refused.slice(1).every(({ change }) =>
            change.endsWith(": the type of t.c must change first")
          ) && refused.length === 3,
          JSON.stringify(refused),
        );
        assert.deepEqual(up.steps.map(({ statements }) => statements), [
          ["ALTER TABLE t ADD COLUMN d integer"],
        ]);
        await finish(place, refused[0]?.sketch ?? "");
        assert.deepEqual(
          refused.slice(1).map(({ sketch }) => sketch),
          Array(2).fill("-- The sketch of t.c does this too."),
        );
        assert.deepEqual(await place.run("select c from t"), [["glad"]]);
        const db = await place.open([t({ c: next, d: id.nullable() })]);
        const again = await db.migrations().plan({
          intent: NO_INTENT,
          managed: await managedOf(db),
        });
        assert.deepEqual(again.changes, []);
      });
    }
  });

  test(`${engine.name}: a changed enum of the server changes the fingerprint`, async () => {
    await placed(engine, async (place) => {
      await place.run(MOOD);
      const db = await place.open([t({ c: mood, d: text })]);
      await db.createDb();
      const before = await db.migrations().fingerprint();
      await place.run("alter type mood rename value 'glad' to 'happy'");
      assert.notEqual(await db.migrations().fingerprint(), before);
      await place.run("alter type mood rename value 'happy' to 'glad'");
      assert.equal(await db.migrations().fingerprint(), before);
    });
  });

  test(`${engine.name}: a missing value of an enum of another schema must be added first`, async () => {
    await placed(engine, async (place) => {
      const schema = freshSchema();
      const sqlType = `${schema}.mood`;
      await place.run(`create schema ${schema}`);
      await place.run(`create type ${sqlType} as enum ('sad', 'glad')`);
      await (await place.open([t({ c: sad.meta({ sqlType }) })])).createDb();
      const more = z.enum(["sad", "so so", "glad"]).nullable().meta({
        sqlType,
      });
      const db = await place.open([t({ c: more })]);
      const options = { intent: NO_INTENT, managed: [] };
      const failed = await db.migrations().plan(options).then(
        () => undefined,
        (error) => error,
      );
      assert.equal(failed?.exitCode, 7);
      const [, statement = ""] =
        /Write (.*) in a migration/.exec(failed.message) ?? [];
      assert.equal(
        statement,
        `ALTER TYPE ${sqlType} ADD VALUE 'so so' AFTER 'sad'`,
      );
      await place.run(statement);
      const { changes, refused } = await db.migrations().plan(options);
      assert.deepEqual([changes.length, refused], [1, []]);
    });
  });

  test(`${engine.name}: a sketch drops and recreates the triggers and views of a column`, async () => {
    const short = z.string().nullable().meta({ sqlType: "varchar(5)" });
    const users = [
      "create view bright as select id, c from t",
      "create materialized view kept as select c from t",
      "create function f() returns trigger language plpgsql as 'begin return new; end'",
      "create trigger tick before update of c on t for each row execute function f()",
      "create trigger tock before insert on t for each row when (new.d is null) execute function f()",
    ];
    await placed(engine, async (place) => {
      const { refused, up } = await roundTrip(
        place,
        [t({ c: short, d: id.nullable() })],
        [t({ c: text })],
        users,
      );
      assert.deepEqual(refused.map(({ change }) => change), [
        "change the type of t.c from character varying(5) to character varying: the view bright uses it, the materialized view kept uses it, the trigger tick uses it",
        "drop the column t.d: the trigger tock uses it",
      ]);
      assert.deepEqual(up.steps, []);
      await finish(place, refused[0]?.sketch ?? "");
      await finish(place, refused[1]?.sketch ?? "");
      const db = await place.open([t({ c: text })]);
      const { changes } = await db.migrations().plan({
        intent: NO_INTENT,
        managed: await managedOf(db),
      });
      assert.deepEqual(changes, []);
      assert.deepEqual(
        await place.run(
          "select tgname from pg_trigger where tgrelid = 't'::regclass",
        ),
        [["tick"]],
      );
      await place.run("select id, c from bright");
    });
  });

  test(`${engine.name}: a rename keeps views and triggers, and the file names those that use the old name`, async () => {
    await placed(engine, async (place) => {
      const { upText, refused } = await roundTrip(
        place,
        [t({ a: text, x: text })],
        [
          model("t2", { b: text, x: text }, { primaryKey: ["id"] }),
        ],
        [
          "insert into t values (1, 'kept')",
          "create view bright as select a from t",
          "create function f() returns trigger language plpgsql as 'begin return new; end'",
          "create trigger tick before update of a on t for each row execute function f()",
        ],
        intent({ renames: { t: "t2", "t.a": "t2.b" } }),
      );
      assert.deepEqual(refused, []);
      assert.match(upText, /-- The view bright keeps the old column name a\./);
      assert.match(upText, /-- Functions of the triggers of t2 may .* a: tick/);
      assert.deepEqual(await place.run("select a from bright"), [["kept"]]);
    });
  });

  test(`${engine.name}: the views and triggers of a renamed column are known`, async () => {
    const short = z.string().nullable().meta({ sqlType: "varchar(5)" });
    await placed(engine, async (place) => {
      const { refused } = await roundTrip(
        place,
        [t({ a: short })],
        [t({ b: text })],
        ["create view bright as select a from t"],
        intent({ renames: { "t.a": "t.b" } }),
      );
      assert.match(refused[0]?.change ?? "", /t\.b .*: the view bright/);
    });
  });

  test(`${engine.name}: the file names the triggers that a backfill fires`, async () => {
    await placed(engine, async (place) => {
      const { upText } = await roundTrip(place, [t()], [
        t({ c: z.uuid().meta({ sqlDefault: "gen_random_uuid()" }) }),
      ], [
        "insert into t values (1)",
        "create function f() returns trigger language plpgsql as 'begin return new; end'",
        "create trigger tick before update on t for each row execute function f()",
        "create trigger tock before insert on t for each row execute function f()",
      ]);
      assert.match(
        upText,
        /-- Each updated row fires the triggers of t: tick\.\n/,
      );
    });
  });
}

// Only PostgreSQL 18 names NOT NULL constraints.
for (const engine of new Set([...NEWEST_SQL, ...SERVERS])) {
  test(`${engine.name}: NOT NULL is added without a second scan`, async () => {
    await placed(engine, async (place) => {
      const old = [t({ c: id.nullable() })];
      const from = await place.open(old);
      await from.createDb();
      await place.run("insert into t select n, n from generate_series(1, 9) n");
      const db = await place.open([t({ c: id })]);
      const plan = await db.migrations().plan({
        intent: NO_INTENT,
        managed: await managedOf(from),
      });
      const { up } = files(db, plan);
      assert.deepEqual(up.requires, []);
      const last = up.steps.at(-1);
      await apply(place, { ...up, steps: up.steps.slice(0, -1) });
      const scans = async (): Promise<string | undefined> =>
        (await place.run(
          "select pg_stat_get_xact_numscans('t'::regclass)",
        ))[0]?.[0];
      await place.run("begin");
      const before = await scans();
      for (const statement of last?.statements ?? []) {
        await place.run(statement);
      }
      assert.equal(await scans(), before);
      // A scan would have been counted.
      await place.run("alter table t add constraint positive check (c > 0)");
      assert.notEqual(await scans(), before);
      await place.run("rollback");
    });
  });
}

test("one file creates the same schema on every version", async () => {
  const old = [t({ c: id.nullable() })];
  const next = [
    t({ c: id, d: z.string().meta({ sqlDefault: "'x'" }) }, {
      unique: [["c"]],
      indexes: [{ fields: ["d"] }],
    }),
  ];
  const found: (readonly string[])[] = [];
  for (const engine of EVERY_SQL) {
    await placed(engine, async (place) => {
      const { upText, downText } = await roundTrip(place, old, next, [
        "insert into t values (1, 1)",
      ]);
      const db = await place.open(next);
      const fingerprint = await db.migrations().fingerprint();
      found.push([upText, downText, fingerprint]);
    });
  }
  for (const each of found) assert.deepEqual(each, found[0]);
});

for (
  const [what, requires, old, next] of [
    [
      "a partition that is dropped while others read",
      [[], ["pg>=14"]],
      [t({}, { partitionBy: { hash: "id", partitions: 2 } })],
      [t({}, { partitionBy: { hash: "id", partitions: 2 } })],
    ],
    [
      "a virtual column",
      [["pg>=18"], []],
      [t()],
      [t({
        c: id.nullable().meta({
          sqlType: "integer generated always as (id + 1) virtual",
        }),
      })],
    ],
    [
      "a foreign key of a partitioned table",
      [["pg>=18"], []],
      [t({ c: id.nullable() }, { partitionBy: { hash: "id", partitions: 2 } })],
      [t({ c: id.nullable() }, {
        partitionBy: { hash: "id", partitions: 2 },
        foreignKeys: [{
          fields: ["c"],
          references: { table: "u", fields: ["id"] },
        }],
      })],
    ],
  ] as const
) {
  test(`${what} requires a server that supports it`, async () => {
    const u = model("u", {}, { primaryKey: ["id"] });
    await placed(embedded, async (place) => {
      const { up, down } = await roundTrip(
        place,
        [...old, u],
        [...next, u],
        requires[1].length === 0 ? [] : ["drop table t_part_1"],
      );
      assert.deepEqual([up.requires, down.requires], requires);
    });
  });
}

for (const engine of NEWEST_SERVERS) {
  test(`${engine.name}: a missing extension is created first`, async () => {
    const indexed = (index: Index) => [t({ c: text }, { indexes: [index] })];
    const ask = async (place: Place, models: readonly AnyModel[]) => {
      const db = await place.open(models);
      return await db.migrations().plan({ intent: NO_INTENT, managed: [] });
    };
    await placed(engine, async (place) => {
      for (
        const [name, models] of [
          ["pg_trgm", indexed({ fields: [{ sql: "similarity(c, 'x')" }] })],
          ["btree_gin", indexed({ fields: ["c"], using: "gin" })],
          ["citext", [t({ c: text.meta({ sqlType: "citext" }) })]],
          [
            "uuid-ossp",
            [t({ c: z.uuid().meta({ sqlDefault: "uuid_generate_v4()" }) })],
          ],
        ] as const
      ) {
        const { changes, up, refused } = await ask(place, models);
        assert.deepEqual(refused, []);
        assert.equal(changes[0], `add the extension ${name}`);
        assert.deepEqual(up.steps[0]?.statements, [
          `CREATE EXTENSION IF NOT EXISTS "${name}"`,
        ]);
      }
    });
  });
}

for (const engine of NEWEST_SQL) {
  test(`${engine.name}: a column of a domain with a constraint is refused`, async () => {
    await placed(engine, async (place) => {
      const from = await place.open([t()]);
      await from.createDb();
      await place.run("create domain even as integer check (value % 2 = 0)");
      await place.run("create domain plain as integer");
      const managed = await managedOf(from);
      const typed = (sqlType: string) =>
        t({ c: id.nullable().meta({ sqlType }) });
      const plan = async (sqlType: string) =>
        await (await place.open([typed(sqlType)])).migrations().plan({
          intent: NO_INTENT,
          managed,
        });
      const even = await plan("even");
      assert.deepEqual([even.refused.length, even.up.steps], [1, []]);
      assert.match(
        even.refused[0]?.change ?? "",
        /^add the column t\.c of type even: the server would rewrite the whole table/,
      );
      assert.match(even.refused[0]?.sketch ?? "", /constraints of its own/);
      const plain = await plan("plain");
      assert.deepEqual([plain.refused, plain.up.steps.length], [[], 1]);
    });
  });
}
