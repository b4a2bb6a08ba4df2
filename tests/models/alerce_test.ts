// ALeRCE's tables on PostgreSQL and PGlite, compared with the schema of its Python library.
import { defineModel, ModelError } from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  Detection,
} from "@alerce/db-plugins/models";
import * as models from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { z } from "zod";
import { allRowTypes } from "../../tools/row_types.ts";
import type { SQLConnection } from "@alerce/db-plugins";
import { sqlEngines } from "../support/engines.ts";
import wanted from "../data/alerce_schema.json" with { type: "json" };

/** The index that the Python library does not have. */
const POSITION = "ix_object_position";

/** Reads the catalogs with queries other than those of the library. */
async function catalog(db: SQLConnection, schema: string): Promise<unknown> {
  const columns = await db.sql<
    { table_name: string; column_name: string; type: string; nullable: boolean }
  >`
    select table_name, column_name, is_nullable = 'YES' as nullable,
      case when data_type = 'ARRAY' then (
        select format_type(a.atttypid, a.atttypmod) from pg_attribute a
        where a.attrelid = format('%I.%I', table_schema, table_name)::regclass and a.attname = column_name)
      else data_type end as type
    from information_schema.columns where table_schema = ${schema} order by table_name, ordinal_position`;
  const constraints = await db.sql<
    { table_name: string; name: string; type: string; definition: string }
  >`
    select r.relname as table_name, c.conname as name, c.contype::text as type, pg_get_constraintdef(c.oid) as definition
    from pg_constraint c join pg_class r on r.oid = c.conrelid
    where c.connamespace = ${schema}::regnamespace and c.contype in ('p', 'f', 'u', 'c') order by 1, 2`;
  const indexes = await db.sql<
    { tablename: string; indexname: string; indexdef: string }
  >`
    select tablename, indexname, indexdef from pg_indexes where schemaname = ${schema} order by 1, 2`;
  const keys = new Set(constraints.map(({ name }) => name));
  return [...new Set(columns.map(({ table_name }) => table_name))].map((
    table,
  ) => ({
    name: table,
    columns: columns.filter((row) => row.table_name === table)
      .map(({ column_name, type, nullable }) => ({
        name: column_name,
        type,
        nullable,
      })),
    constraints: constraints.filter((row) => row.table_name === table)
      .map((
        { name, definition },
      ) => [name, definition.replaceAll(`${schema}.`, "")]),
    indexes: indexes.filter(({ tablename, indexname }) =>
      tablename === table && !keys.has(indexname) && indexname !== POSITION
    )
      .map(({ indexdef }) => indexdef.replaceAll(`${schema}.`, "")),
  }));
}

/** The expected content of the catalogs, as PostgreSQL spells it. */
function expected(): unknown {
  return wanted.toSorted((a, b) => a.name < b.name ? -1 : 1).map((table) => ({
    name: table.name,
    columns: table.columns,
    constraints: [
      [
        table.primaryKey.name,
        `PRIMARY KEY (${table.primaryKey.columns.map(quoted).join(", ")})`,
      ],
      ...table.foreignKeys.map((key) => [
        key.name,
        `FOREIGN KEY (${key.columns.join(", ")}) REFERENCES ${key.table}(${
          key.references.join(", ")
        })`,
      ]),
    ].sort(([a = ""], [b = ""]) => a < b ? -1 : 1),
    indexes: table.indexes.toSorted((a, b) => a.name < b.name ? -1 : 1).map((
      index,
    ) =>
      `CREATE ${
        index.unique ? "UNIQUE " : ""
      }INDEX ${index.name} ON ${table.name} USING ${index.method} (${
        index.columns.map(quoted).join(", ")
      })` +
      (index.where === null ? "" : ` WHERE (${index.where})`)
    ),
  }));
}

/** Quotes a name that PostgreSQL quotes because it is a word of SQL. */
function quoted(name: string): string {
  return name === "dec" ? '"dec"' : name;
}

for (const engine of sqlEngines) {
  Deno.test({
    name:
      `${engine.name}: the 17 tables have the columns, keys and indexes of ALeRCE's schema`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const db = await engine.open(ALERCE_MODELS) as unknown as SQLConnection;
      try {
        await db.createDb();
        const [{ schema } = { schema: "" }] = await db.sql<{ schema: string }>`
          select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relname = 'ss_ztf' order by c.oid desc limit 1`;
        assert.deepEqual(await catalog(db, schema), expected());
        const [position] = await db.sql<{ definition: string }>`
          select indexdef as definition from pg_indexes
          where schemaname = ${schema} and indexname = ${POSITION}`;
        assert.match(
          position?.definition ?? "",
          /USING btree .*floor\(.*meanra, meandec\)/s,
        );
        const comments = await db.sql<{ column: string; comment: string }>`
          select a.attname as column, col_description(a.attrelid, a.attnum) as comment from pg_attribute a
          where a.attrelid = format('%I.detection', ${schema}::text)::regclass and a.attnum > 0 order by a.attnum`;
        assert.deepEqual(
          comments.map(({ column, comment }) => [column, comment]),
          Detection.fields.map((
            { name, description, unit },
          ) => [
            name,
            unit === undefined ? description : `${description} [${unit}]`,
          ]),
        );
        await db.dropDb();
      } finally {
        await db.close();
      }
    },
  });
}

Deno.test("the row types match the models (deno task row-types)", async () => {
  const texts = await allRowTypes();
  assert.equal(texts.size, 17 + 30 + 4);
  for (const [file, text] of texts) {
    const path = new URL(`../../src/models/${file}`, import.meta.url);
    assert.equal(await Deno.readTextFile(path), text, file);
  }
});

Deno.test("AstroObject is exported as Object too", () => {
  assert.equal(models.Object, AstroObject);
  assert.equal(ALERCE_MODELS.length, 17);
});

Deno.test("defineModel rejects a model that no database can hold", () => {
  const id = z.int64();
  const wrong: [string, () => unknown, RegExp][] = [
    [
      "key",
      () =>
        defineModel("m", {
          fields: z.object({ id }),
          primaryKey: ["idd" as "id"],
        }),
      /primaryKey names "idd".*did you mean id\?/,
    ],
    [
      "null key",
      () =>
        defineModel("m", {
          fields: z.object({ id: id.nullable() }),
          primaryKey: ["id"],
        }),
      /cannot be nullable/,
    ],
    [
      "index",
      () =>
        defineModel("m", {
          fields: z.object({ id }),
          indexes: [{ fields: ["x"] }],
        }),
      /indexes\S* names "x"/,
    ],
    [
      "unsized integer",
      () => defineModel("m", { fields: z.object({ n: z.int() }) }),
      /z\.int32\(\) or z\.int64\(\)/,
    ],
    [
      "unsigned",
      () => defineModel("m", { fields: z.object({ n: z.uint64() }) }),
      /use z\.int64\(\)/,
    ],
    [
      "transform",
      () =>
        defineModel("m", {
          fields: z.object({ n: z.string().transform(Number) }),
        }),
      /z\.pipe\(\)/,
    ],
    [
      "coercion",
      () => defineModel("m", { fields: z.object({ n: z.coerce.number() }) }),
      /z\.coerce/,
    ],
    [
      "row rule",
      () => defineModel("m", { fields: z.object({ id }).refine(() => true) }),
      /in `checks`/,
    ],
    [
      "no object",
      () => defineModel("m", { fields: z.string() as never }),
      /z\.object/,
    ],
    [
      "filter word",
      () => defineModel("m", { fields: z.object({ or: id }) }),
      /"or" is reserved in filters/,
    ],
    [
      "prototype",
      () => defineModel("m", { fields: z.object({ ["__proto__"]: id }) }),
      /__proto__/,
    ],
    [
      "relation",
      () =>
        defineModel("m", {
          fields: z.object({ id }),
          relations: { id: { kind: "one", model: "o", on: { id: "id" } } },
        }),
      /both a field and a relation/,
    ],
    [
      "unit",
      () =>
        defineModel("m", { fields: z.object({ id: id.meta({ unit: 3 }) }) }),
      /meta\.unit must be a string/,
    ],
  ];
  for (const [name, define, message] of wrong) {
    assert.throws(
      define,
      (error) => error instanceof ModelError && message.test(error.message),
      name,
    );
  }
});
