// Objects on tables that no model describes: migrations keep them, and report those that are dropped with a table or a column.
import { type AnyModel, SQLConnection } from "@alerce/db-plugins";
import { makeMigrations, migrate } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import {
  freshSchema,
  postgres15Settings,
  postgresSettings,
} from "../../../support/engines.ts";
import { testFolder } from "../../../support/migrations_folder.ts";
import { model, type Options } from "../../../support/plan_cases.ts";
import { managedOf } from "../../../support/plan_oracle.ts";
import {
  apply,
  files,
  intent,
  NEWEST_SERVERS,
  onServer,
  onServer15,
  type Place,
  placed,
} from "../../../support/plan_database.ts";

const id = z.int32();
const text = z.string();
const t = (fields: z.ZodRawShape = {}, options: Options = {}): AnyModel =>
  model("t", fields, { primaryKey: ["id"], ...options });

/** The objects on a table that models do not describe, from the catalogs. */
async function theirs(place: Place, table: string): Promise<string[]> {
  const rows = await place.run(`
with c as (select * from pg_class where oid = '"${table}"'::regclass)
select 'policy', p.polname, p.polcmd::text, pg_get_expr(p.polqual, p.polrelid) from pg_policy p join c on c.oid = p.polrelid
union all select 'security', c.relrowsecurity::text, c.relforcerowsecurity::text, null from c
union all select 'rights', array_to_string(array(select a::text from unnest(c.relacl) a order by 1), ' '), null, null from c
union all select 'rights', attname, attacl::text, null from pg_attribute a join c on c.oid = a.attrelid where attacl is not null
union all select 'storage', c.relpersistence::text, array_to_string(c.reloptions, ' '), c.relreplident::text from c
union all select 'column', attname, attstattarget::text, attoptions::text || attstorage::text from pg_attribute a join c on c.oid = a.attrelid where attoptions is not null
union all select 'statistics', stxname, pg_get_statisticsobjdef(s.oid), null from pg_statistic_ext s join c on c.oid = s.stxrelid
union all select 'rule', rulename, null, null from pg_rewrite r join c on c.oid = r.ev_class
union all select 'trigger', tgname, tgenabled::text, null from pg_trigger g join c on c.oid = g.tgrelid where not tgisinternal
union all select 'publication', pubname, null, null from pg_publication p join pg_publication_rel r on r.prpubid = p.oid join c on c.oid = r.prrelid
union all select 'child', i.inhrelid::regclass::text, null, null from pg_inherits i join c on c.oid = i.inhparent
union all select 'comment', obj_description(c.oid, 'pg_class'), null, null from c
union all select 'owner', pg_get_userbyid(c.relowner), null, null from c`);
  return rows.map((row) => row.join(" ")).sort();
}

for (const engine of NEWEST_SERVERS) {
  test(`${engine.name}: objects that no model describes are kept in both directions, and rows of inheriting tables keep their values`, async () => {
    await placed(engine, async (place) => {
      const role = freshSchema();
      const old = t({
        a: text.nullable(),
        b: id.nullable(),
        c: id.nullable(),
        w: z.string().meta({ sqlType: "varchar(5)" }).nullable(),
      }, { indexes: [{ fields: ["b"] }] });
      const next = model("u", {
        a2: text.nullable().meta({ renamedFrom: "a" }),
        b: id,
        c: id.nullable().meta({ sqlDefault: "7", description: "a count" }),
        w: text.nullable(),
        d: text.meta({ sqlDefault: "'x'" }),
      }, {
        primaryKey: ["id", "b"],
        renamedFrom: "t",
        indexes: [{ fields: ["b", "c"], name: "ix_t_b" }],
        unique: [["c", "d"]],
        checks: [{ name: "u_c", sql: "c > 0" }],
      });
      const from = await place.open([old]);
      await from.createDb();
      try {
        for (
          const statement of [
            `create role ${role}`,
            "create table child () inherits (t)",
            "insert into t (id, a, b, c, w) select n, 'x', case when n % 3 > 0 then n end, n, 'w' from generate_series(1, 20) n",
            "insert into child (id, a, b, c, w) select n, 'x', case when n % 3 > 1 then n end, n, 'w' from generate_series(101, 120) n",
            "alter table t enable row level security",
            "alter table t force row level security",
            "create policy mine on t for select using (a <> 'hidden' and c > 0)",
            `create policy hers on t for update to ${role} using (b = 1)`,
            `grant select, update (a) on t to ${role}`,
            "alter table t set (fillfactor = 70, autovacuum_enabled = off)",
            "alter table t alter column c set (n_distinct = 5)",
            "alter table t alter column b set statistics 77",
            "create statistics s_ac on a, c from t",
            "create rule quiet as on delete to t where old.id < 0 do instead nothing",
            "create function theirs() returns trigger language plpgsql as 'begin return new; end'",
            "create trigger theirs before insert on t for each row execute function theirs()",
            `create publication p_${role} for table only t`,
            "comment on table t is 'of the group'",
          ]
        ) await place.run(statement);
        const before = await theirs(place, "t");
        const options = {
          intent: intent({ defaults: { "u.b": "-1" } }),
          managed: await managedOf(from),
        };
        const to = await place.open([next]);
        const target = to.migrations();
        const plan = await target.plan(options);
        assert.deepEqual([plan.decisions, plan.refused], [[], []]);
        const { up, down, upText } = files(to, plan);
        await target.prove(up, down, options);
        await apply(place, up);
        assert.deepEqual(
          await theirs(place, "u"),
          before.map((line) =>
            line.replace(/^(column|rights) a /, "$1 a2 ")
              .replace(/\bON a, c FROM t\b/, "ON a2, c FROM u")
              .replace("((a)::text", "((a2)::text")
          ),
          upText,
        );
        // Rows of the two tables have the same ctid.
        assert.deepEqual(
          await place.run(
            "select count(*) from u where b <> case when id > 100 then case when id % 3 > 1 then id else -1 end else case when id % 3 > 0 then id else -1 end end or d is null",
          ),
          [["0"]],
        );
        await apply(place, down);
        assert.deepEqual(await theirs(place, "t"), before);
      } finally {
        await place.run(`drop publication if exists p_${role}`);
        await place.run("drop table if exists child, t, u cascade");
        await place.run(`drop role ${role}`);
      }
    });
  });

  test(`${engine.name}: a column that a policy uses is refused, and dependents that are dropped are reported`, async () => {
    await placed(engine, async (place) => {
      const role = freshSchema();
      const u = model("u", {}, { primaryKey: ["id"] });
      const old = [
        t({ a: id.nullable(), b: id.nullable(), c: id.nullable() }),
        u,
        model("v", {}, { primaryKey: ["id"] }),
      ];
      const from = await place.open(old);
      await from.createDb();
      for (
        const statement of [
          "alter table t enable row level security",
          "create policy mine on t using (a = 1)",
          "create policy other on u using (exists (select from t where t.b = u.id))",
          "create statistics s_bc on b, c from t",
          `create role ${role}`,
          `grant select on v to ${role}`,
          "create policy alone on v using (id > 0)",
          "create table theirs () inherits (u)",
        ]
      ) await place.run(statement);
      try {
        const managed = await managedOf(from);
        const drops = await (await place.open([t(), u])).migrations().plan({
          intent: intent({ drops: ["t.a", "t.b", "t.c", "v"] }),
          managed,
        });
        assert.deepEqual(drops.refused.map(({ change }) => change), [
          "drop the column t.a: the policy mine on table t uses it",
          "drop the column t.b: the policy other on table u uses it",
        ]);
        assert.match(
          drops.refused[0]?.sketch ?? "",
          /^-- Drop the policy mine on table t here\.\nALTER TABLE t DROP COLUMN a;$/m,
        );
        const { upText, downText } = files(from, drops);
        assert.match(
          upText,
          /Dropping t\.c also drops the statistics object s_bc/,
        );
        assert.match(upText, /Dropping v also drops policy alone on table v/);
        assert.match(
          upText,
          new RegExp(`also drops the privileges of ${role}`),
        );
        assert.match(
          downText,
          /without its rows, policy alone on table v, the privileges of/,
        );
        await apply(place, files(from, drops).up);
        const all = await (await place.open([])).migrations().plan({
          intent: intent({ drops: ["t", "u"] }),
          managed,
        });
        assert.deepEqual(all.refused.map(({ change }) => change), [
          "drop the table u: the table theirs depends on it",
        ]);
        const wider = await (await place.open([
          t({ a: z.int64().nullable(), b: id.nullable() }),
          u,
        ])).migrations().plan({ intent: intent({}), managed });
        assert.match(wider.refused[0]?.change ?? "", /change the type of t\.a/);
      } finally {
        await place.run("drop table if exists theirs, t, u, v cascade");
        await place.run(`drop role ${role}`);
      }
    });
  });
}

for (const engine of NEWEST_SERVERS) {
  test(`${engine.name}: storage parameters of an index are kept and not compared; a change of the replica identity is refused`, async () => {
    await placed(engine, async (place) => {
      const fields = {
        a: id,
        b: id.nullable(),
        w: z.string().meta({ sqlType: "varchar(5)" }).nullable(),
      };
      const old = t(fields, {
        indexes: [{ fields: ["a"], where: "b > 0" }, { fields: ["b"] }],
        unique: [["a"]],
      });
      const from = await place.open([old]);
      await from.createDb();
      for (
        const statement of [
          "alter index ix_t_a set (fillfactor = 60)",
          "alter index ix_t_b set (fillfactor = 70, deduplicate_items = off)",
          "alter index t_a_key set (fillfactor = 80)",
          "alter index t_pkey set (fillfactor = 90)",
        ]
      ) await place.run(statement);
      const stored = () =>
        place.run(
          "select relname, array_to_string(reloptions, ' ') from pg_class where reloptions is not null and relnamespace = current_schema()::regnamespace order by 1",
        );
      const before = await stored();
      const managed = await managedOf(from);
      const none = intent({});
      const same = await from.migrations().plan({ intent: none, managed });
      assert.deepEqual(same.changes, []);
      const to = await place.open([t(fields, {
        indexes: [
          { fields: ["a"], where: "b > 1", name: "ix_t_a" },
          { fields: ["b", "a"], name: "ix_t_b" },
        ],
        unique: [["a"]],
      })]);
      const plan = await to.migrations().plan({ intent: none, managed });
      const { up, down } = files(to, plan);
      assert.deepEqual(to.migrations().dialect.lint(up, "up"), []);
      await to.migrations().prove(up, down, { intent: none, managed });
      await apply(place, up);
      assert.deepEqual(await stored(), before);
      await apply(place, down);
      assert.deepEqual(await stored(), before);
      await place.run("alter table t replica identity using index t_a_key");
      for (
        const next of [
          t(fields, {
            indexes: [{ fields: ["a"], where: "b > 0" }, { fields: ["b"] }],
          }),
          t({ ...fields, a: id.nullable() }, {
            indexes: [{ fields: ["b"] }],
            unique: [["a", "b"]],
          }),
          t({ b: fields.b, w: fields.w }, { indexes: [{ fields: ["b"] }] }),
        ]
      ) {
        const db = await place.open([next]);
        const { refused, decisions } = await db.migrations().plan({
          intent: intent({ drops: next.byName.has("a") ? [] : ["t.a"] }),
          managed,
        });
        assert.deepEqual(decisions, []);
        assert.ok(
          refused.some(({ change }) =>
            change ===
              "change or drop t#t_a_key: it is the replica identity of t"
          ),
          JSON.stringify(refused),
        );
      }
      const nullable = await place.open([
        t({ ...fields, a: id.nullable() }, {
          indexes: [{ fields: ["a"], where: "b > 1", name: "ix_t_a" }, {
            fields: ["b", "a"],
            name: "ix_t_b",
          }],
          unique: [["a"]],
        }),
      ]);
      const onlyNull = await nullable.migrations().plan({
        intent: none,
        managed,
      });
      assert.ok(
        onlyNull.refused.some(({ change }) =>
          change ===
            "change t.a from NOT NULL to nullable: it is a column of t_a_key, the replica identity of t"
        ),
        JSON.stringify(onlyNull.refused),
      );
      await place.run("create unique index theirs on t (a)");
      await place.run("alter table t replica identity using index theirs");
      const db = await place.open([
        t({ b: fields.b, w: fields.w }, { indexes: [{ fields: ["b"] }] }),
      ]);
      const { refused } = await db.migrations().plan({
        intent: intent({ drops: ["t.a"] }),
        managed,
      });
      assert.deepEqual(refused.map(({ change }) => change), [
        "change or drop t#theirs: it is the replica identity of t",
      ]);
    });
  });
}

for (
  const [engine, settings] of [
    [onServer, postgresSettings()],
    [onServer15, postgres15Settings()],
  ] as const
) {
  if (engine === undefined) continue;
  test(`${engine.name}: rows that a policy hides from the role are not skipped silently`, async () => {
    await placed(engine, async (place) => {
      const [[schema = ""] = []] = await place.run("select current_schema()");
      const role = freshSchema();
      await using folder = await testFolder("sql");
      const { directory } = folder;
      const as = async (models: readonly AnyModel[]) => {
        const db = new SQLConnection<readonly AnyModel[]>({ models });
        await db.connect({
          ...settings,
          SCHEMA: schema,
          USER: role,
          PASSWORD: "secret",
        });
        return db;
      };
      await place.run(`create role ${role} login password 'secret'`);
      await place.run(`grant all on schema ${schema} to ${role}`);
      await place.run(
        `grant create on database ${settings?.DB_NAME} to ${role}`,
      );
      try {
        await using first = await as([t({ a: id.nullable() })]);
        await makeMigrations(first, { directory });
        await migrate(first, { directory });
        await place.run("insert into t select generate_series(1, 30)");
        await place.run("alter table t enable row level security");
        await place.run("alter table t force row level security");
        await place.run("create policy few on t using (id <= 10)");
        const fill = z.string().nullable().meta({
          sqlDefault: "gen_random_uuid()::text",
        });
        await using second = await as([t({ a: id.nullable(), b: fill })]);
        await makeMigrations(second, { directory });
        await assert.rejects(
          migrate(second, { directory }),
          /row.level security.* \(42501\)\. Row-level security policies hide rows from this role/,
        );
        const empty = "select count(*) from t where b is null";
        assert.deepEqual(await place.run(empty), [["30"]]);
        await place.run("alter table t no force row level security");
        await migrate(second, { directory });
        assert.deepEqual(await place.run(empty), [["0"]]);
        await place.run("alter table t force row level security");
        await using third = await as([t({ a: id, b: fill })]);
        await assert.rejects(
          makeMigrations(third, { directory }),
          /^MigrationError: Cannot check whether t has rows\. Row-level security/,
        );
      } finally {
        await place.run(`drop owned by ${role} cascade`);
        await place.run(`drop role ${role}`);
      }
    });
  });
}
