// The tables of the multi-survey schema on each engine, compared with ALeRCE's schema.
import {
  type AnyModel,
  type Connection,
  defineModel,
  DuplicateKeyError,
  ModelError,
  type SQLConnection,
} from "@alerce/db-plugins";
import {
  AstroObject,
  LsstMpcOrbits,
  MULTISURVEY_MODELS,
} from "@alerce/db-plugins/models/multisurvey";
import { ARCHIVE_MODELS } from "@alerce/db-plugins/models/multisurvey/archive";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoEngine, postgresEngine, sqlEngines } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import reference from "../data/multisurvey_schema.json" with { type: "json" };

/** The models of the two databases, and the tables of the reference. */
const DATABASES: readonly (readonly [readonly AnyModel[], readonly Table[]])[] =
  [
    [MULTISURVEY_MODELS, reference.pipeline],
    [ARCHIVE_MODELS, reference.archive],
  ];

/** A table of the reference. */
interface Table {
  readonly name: string;
  /** Name, type, whether it may be null, and default of each column. */
  readonly columns: readonly unknown[];
  /** The name, and the columns. */
  readonly primaryKey: readonly (string | null)[] | null;
  /** Columns, and what they reference: `taxonomy.id`. */
  readonly foreignKeys: readonly (readonly string[][])[];
  /** Name, method, uniqueness, and condition, and then the columns. */
  readonly indexes: readonly (readonly (string | boolean | null)[])[];
  /** The key, and the number of partitions. */
  readonly partitions: readonly (string | number | null)[];
  readonly rows: readonly object[];
}

/** Reads the tables of a database from the catalogs, with a query other than those of the library. */
async function liveTables(db: SQLConnection): Promise<unknown[]> {
  const [{ schema } = { schema: "" }] = await db.sql<{ schema: string }>`
    select relnamespace::regnamespace::text as schema from pg_class
    where relname = 'sid_lut' order by oid desc limit 1`;
  const tables = await db.sql<{ found: unknown }>`
    select json_build_object(
      'name', c.relname,
      'columns', (
        select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) order by a.attnum)
        from pg_attribute a left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0),
      'constraints', (
        select json_agg(json_build_array(k.conname, replace(pg_get_constraintdef(k.oid), ${schema}::text || '.', '')) order by k.conname)
        from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'),
      'indexes', (
        select json_agg(replace(replace(pg_get_indexdef(i.indexrelid), ' ONLY ', ' '), ${schema}::text || '.', '') order by r.relname)
        from pg_index i join pg_class r on r.oid = i.indexrelid
        where i.indrelid = c.oid and not i.indisprimary),
      'partitions', json_build_array(pg_get_partkeydef(c.oid), (
        select array_agg(p.relname || ' ' || pg_get_expr(p.relpartbound, p.oid) order by p.oid)
        from pg_inherits h join pg_class p on p.oid = h.inhrelid where h.inhparent = c.oid))
    ) as found
    from pg_class c
    where c.relnamespace = ${schema}::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`;
  return tables.map(({ found }) => found);
}

/** Returns a table of the reference as the catalogs describe it. */
function wantedTable(
  { name, columns, primaryKey, foreignKeys, indexes, partitions }: Table,
): unknown {
  const [key, ...parts] = primaryKey ?? [];
  const [by, count] = partitions;
  const constraints = [
    ...key === undefined
      ? []
      : [[key, `PRIMARY KEY (${parts.map(quoted).join(", ")})`]],
    ...foreignKeys.map(([own = [], [target = ""] = []]) => [
      `${name}_${own.join("_")}_fkey`,
      `FOREIGN KEY (${own.join(", ")}) REFERENCES ${
        target.replace(/\.(\w+)/, "($1)")
      }`,
    ]),
  ];
  return {
    name,
    columns,
    constraints: constraints.length === 0 ? null : constraints.toSorted(),
    indexes: indexes.length === 0 ? null : indexes.map((
      [index, method, isUnique, where, ...of],
    ) =>
      `CREATE ${
        isUnique ? "UNIQUE " : ""
      }INDEX ${index} ON ${name} USING ${method} (${
        of.map(quoted).join(", ")
      })${where === null ? "" : ` WHERE (${where})`}`
    ),
    partitions: [
      by,
      by === null ? null : Array.from(
        { length: Number(count) },
        (_, part) =>
          `${name}_part_${part} FOR VALUES WITH (modulus ${count}, remainder ${part})`,
      ),
    ],
  };
}

/** Quotes a name that PostgreSQL quotes because of its capital letters. */
function quoted(name: unknown): string {
  return /[A-Z]/.test(String(name)) ? `"${name}"` : String(name);
}

/** Checks the look-up rows. */
async function checkRows(
  db: Connection,
  models: readonly AnyModel[],
  tables: readonly Table[],
): Promise<void> {
  for (const { name, rows } of tables) {
    const model = models.find(({ table }) => table === name);
    assert.ok(model, name);
    const select = Object.keys(rows[0] ?? {});
    if (model.primaryKey.length === 0 || select.length === 0) continue;
    const stored = await db.query(model).findAll({ select });
    const byKey = (row: object): string =>
      model.primaryKey.map((key) => Reflect.get(row, key)).join();
    const sorted = (all: readonly object[]): object[] =>
      all.map((row) => ({ ...row }))
        .toSorted((a, b) => byKey(a) < byKey(b) ? -1 : 1);
    assert.deepEqual(sorted(stored), sorted(rows), name);
  }
}

function byName(tables: readonly Table[]): Table[] {
  return tables.toSorted((a, b) => a.name < b.name ? -1 : 1);
}

const today = new Date(new Date().setUTCHours(0, 0, 0, 0));

/** Checks the defaults of new rows, and what an upsert keeps. */
async function checkDefaults(db: Connection): Promise<void> {
  const objects = db.query(AstroObject);
  const object = {
    ...{ oid: 2n ** 55n + 1n, sid: 0, tid: 0, meanra: 10, meandec: -5 },
    ...{ firstmjd: 58000, lastmjd: 58000 },
  };
  const defaults = { deltamjd: 0, n_det: 1, n_forced: 1, n_non_det: 1 };
  const empty = { sigmara: null, sigmadec: null, updated_date: null };
  const wanted = { ...object, ...defaults, ...empty, created_date: today };
  assert.deepEqual({ ...await objects.insert(object) }, wanted);
  const yesterday = new Date(today.getTime() - 86_400_000);
  await objects.updateAll({
    filterBy: { oid: object.oid },
    set: { created_date: yesterday },
  });
  await objects.bulkUpsert([{ ...object, n_det: 2 }]);
  const near = { ra: 10, dec: -5, radius: 1 };
  const [again] = await objects.findAll({ filterBy: { near } });
  assert.deepEqual(
    { ...again },
    { ...wanted, n_det: 2, created_date: yesterday, updated_date: today },
  );
  await assert.rejects(
    objects.bulkInsert([object], { onConflict: "error" }),
    (error) =>
      error instanceof DuplicateKeyError &&
      // A partition has a key of its own on PostgreSQL.
      /^(pk_object_oid_sid|object_part_\d_pkey)$/.test(error.constraint ?? ""),
  );
  const orbit = await db.query(LsstMpcOrbits).insert({
    ...{ ssObjectId: 1n, designation: "2008 AB" },
    packed_primary_provisional_designation: "K08A00B",
    unpacked_primary_provisional_designation: "2008 AB",
    mpc_orb_jsonb: { CAR: { coefficient_values: [0.5] } },
  });
  assert.deepEqual(orbit.mpc_orb_jsonb, {
    CAR: { coefficient_values: [0.5] },
  });
  assert.deepEqual([orbit.created_date, orbit.updated_date], [today, today]);
}

for (const engine of sqlEngines) {
  Deno.test({
    name:
      `${engine.name}: the multi-survey tables have the columns, keys, indexes, partitions, and rows of ALeRCE's schema`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      for (const [models, tables] of DATABASES) {
        const db = await engine.open(models);
        try {
          await db.createDb();
          const live = await liveTables(db as unknown as SQLConnection);
          for (const [place, table] of byName(tables).entries()) {
            assert.deepEqual(live[place], wantedTable(table));
          }
          assert.equal(live.length, tables.length);
          await checkRows(db, models, tables);
          if (models === MULTISURVEY_MODELS) {
            await checkDefaults(db);
          }
          if (engine === postgresEngine) await db.createDb({ verify: true });
          await db.dropDb();
        } finally {
          await db.close();
        }
      }
    },
  });
}

Deno.test({
  name: "mongodb: the multi-survey collections have their rows and defaults",
  ignore: withoutMongo,
  async fn() {
    for (const [models, tables] of DATABASES) {
      const db = await mongoEngine.open(models);
      try {
        await db.createDb();
        await checkRows(db, models, tables);
        if (models === MULTISURVEY_MODELS) {
          await checkDefaults(db);
        }
      } finally {
        await db.close();
      }
    }
  },
});

Deno.test("primaryKeyName names a primary key", () => {
  const fields = z.object({ id: z.int32() });
  assert.equal(
    defineModel("m", { fields, primaryKey: ["id"], primaryKeyName: "pk_m" })
      .primaryKeyName,
    "pk_m",
  );
  assert.throws(
    () => defineModel("m", { fields, primaryKeyName: "pk_m" }),
    (error) =>
      error instanceof ModelError &&
      /no primaryKey; add it/.test(error.message),
  );
});
