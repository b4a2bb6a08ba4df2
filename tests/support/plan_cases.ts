import {
  type AnyModel,
  defineModel,
  generatedAs,
  identity,
  type PartitionBy,
  serial,
} from "@alerce/db-plugins";
import { z } from "zod";
import { intent } from "./plan_database.ts";
import type { Intent } from "../../src/engine/migrations/mod.ts";

/** Models before and after a plan, and existing rows. */
interface PlanCase {
  readonly old: readonly AnyModel[];
  readonly next: readonly AnyModel[];
  readonly rows?: readonly string[];
  readonly intent?: Intent;
  /** Whether it needs a database of its own. */
  readonly apart?: boolean;
}

/** The options of a model besides its fields. */
export type Options =
  & Partial<
    Pick<
      AnyModel,
      "primaryKey" | "unique" | "foreignKeys" | "indexes" | "checks" | "seed"
    >
  >
  & {
    renamedFrom?: string;
    partitionBy?: PartitionBy;
    primaryKeyName?: string;
  };

const id = z.int32();
const text = z.string();

/** A table `t` with an `id` and these fields. */
function t(fields: z.ZodRawShape = {}, options: Options = {}): AnyModel {
  return model("t", fields, { primaryKey: ["id"], ...options });
}

/** A table with an `id` and these fields. */
export function model(
  name: string,
  fields: z.ZodRawShape,
  options: Options,
): AnyModel {
  const known: z.ZodRawShape = { id, ...fields };
  return defineModel(name, { ...options, fields: z.object(known) });
}

const parent = model("parent", { code: text }, {
  primaryKey: ["id"],
  unique: [["code"]],
});
const refers = (options: object = {}) => ({
  foreignKeys: [{
    fields: ["parent_id"],
    references: { table: "parent", fields: ["id"] },
    ...options,
  }],
});
const parentId = { parent_id: id.nullable() };
const split = { partitionBy: { hash: "id", partitions: 2 } };
const rows = ["INSERT INTO t (id) SELECT generate_series(1, 30)"];
const rowsWithC = [
  "INSERT INTO t (id, c) SELECT n, n FROM generate_series(1, 30) n",
];

/** A case for every kind of change. */
export const CASES: Readonly<Record<string, PlanCase>> = {
  "a new nullable column": {
    old: [t()],
    next: [t({ c: text.nullable().meta({ description: "It's new" }) })],
    rows,
  },
  "a new required column with a fixed default": {
    old: [t()],
    next: [t({ c: id.meta({ sqlDefault: "0" }) })],
    rows,
  },
  "a new required column with a default of now": {
    old: [t()],
    next: [t({ c: z.date().meta({ sqlDefault: "now()" }) })],
    rows,
  },
  "a new required column with a default that differs from row to row": {
    old: [t()],
    next: [t({ c: z.uuid().meta({ sqlDefault: "gen_random_uuid()" }) })],
    rows,
  },
  "a new nullable column with a default that differs from row to row": {
    old: [t()],
    next: [
      t({ c: z.float64().nullable().meta({ sqlDefault: "random()" }) }),
    ],
    rows,
  },
  "a new required column with a default only in the model": {
    old: [t()],
    next: [t({ c: text.default("it's") })],
    rows,
  },
  "a required column with a value from the user": {
    old: [t()],
    next: [t({ c: id })],
    rows,
    intent: intent({ defaults: { "t.c": "7" } }),
  },
  "a new required column of an empty table": {
    old: [t()],
    next: [t({ c: id })],
  },
  "a column becomes NOT NULL": {
    old: [t({ c: id.nullable() })],
    next: [t({ c: id })],
    rows: rowsWithC,
  },
  "a column becomes NOT NULL and gets a default": {
    old: [t({ c: id.nullable() })],
    next: [t({ c: id.meta({ sqlDefault: "3" }) })],
    rows,
  },
  "a column becomes NOT NULL with a value from the user": {
    old: [t({ c: id.nullable() })],
    next: [t({ c: id })],
    rows,
    intent: intent({ defaults: { "t.c": "-1" } }),
  },
  "two columns become NOT NULL at once": {
    old: [t({ a: id.nullable(), b: text.nullable() })],
    next: [
      t({
        a: id.meta({ sqlDefault: "3" }),
        b: text.default("it's"),
      }),
    ],
    rows: [
      "INSERT INTO t (id, a, b) SELECT n, nullif(n % 2, 0), nullif(left('x', n % 3), '') FROM generate_series(1, 30) n",
    ],
  },
  "a column becomes nullable": {
    old: [t({ c: id })],
    next: [t({ c: id.nullable() })],
    rows: rowsWithC,
  },
  "a default is added": {
    old: [t({ c: id.nullable() })],
    next: [t({ c: id.nullable().meta({ sqlDefault: "1 + 1" }) })],
    rows,
  },
  "a number becomes an identity": {
    old: [t({ c: z.int64() })],
    next: [t({ c: identity(z.int64(), { always: true }) })],
    rows: rowsWithC,
  },
  "a serial column becomes an identity": {
    old: [t({ c: serial(id) })],
    next: [t({ c: identity(id) })],
    rows,
  },
  "an identity becomes a serial column": {
    old: [t({ c: identity(id) })],
    next: [t({ c: serial(id) })],
    rows,
  },
  "an identity becomes GENERATED ALWAYS": {
    old: [t({ c: identity(z.int64()) })],
    next: [t({ c: identity(z.int64(), { always: true }) })],
    rows,
  },
  "an identity gets other options": {
    old: [t({ c: identity(z.int64()) })],
    next: [
      t({
        c: z.int64().meta({
          sqlType:
            "bigint generated by default as identity (increment by 10 minvalue 5 start with 5 cache 3 cycle)",
        }),
      }),
    ],
    rows,
  },
  "an identity becomes a number with a default": {
    old: [t({ c: identity(id, { always: true }) })],
    next: [t({ c: id.meta({ sqlDefault: "7" }) })],
    rows,
  },
  "new columns that the server fills, of an empty table": {
    old: [t()],
    next: [
      t({
        always: identity(z.int64(), { always: true }),
        double: generatedAs(id.nullable(), "id * 2"),
        number: serial(id),
      }),
    ],
  },
  "a default is dropped": {
    old: [t({ c: id.nullable().meta({ sqlDefault: "1" }) })],
    next: [t({ c: id.nullable() })],
    rows,
  },
  "comments are added, changed and dropped": {
    old: [
      t({
        a: id.nullable().meta({ description: "Old" }),
        b: id.nullable().meta({ description: "Gone" }),
        c: id.nullable(),
      }),
    ],
    next: [
      t({
        a: id.nullable().meta({ description: "New", unit: "mag" }),
        b: id.nullable(),
        c: id.nullable().meta({ description: "Came" }),
      }),
    ],
    rows,
  },
  "a check is added": {
    old: [t({ c: id.nullable() })],
    next: [
      t({ c: id.nullable() }, { checks: [{ name: "positive", sql: "c > 0" }] }),
    ],
    rows,
  },
  "a referenced integer key of a small table becomes bigint": {
    old: [
      defineModel("parent", {
        fields: z.object({ id }),
        primaryKey: ["id"],
      }),
      t({ parent_id: id.nullable() }, {
        foreignKeys: [{
          fields: ["parent_id"],
          references: { table: "parent", fields: ["id"] },
        }],
      }),
    ],
    next: [
      defineModel("parent", {
        fields: z.object({ id: z.int64() }),
        primaryKey: ["id"],
      }),
      t({ parent_id: z.int64().nullable() }, {
        foreignKeys: [{
          fields: ["parent_id"],
          references: { table: "parent", fields: ["id"] },
        }],
      }),
    ],
    rows: [
      "INSERT INTO parent SELECT generate_series(1, 30)",
      "INSERT INTO t (id, parent_id) SELECT n, n FROM generate_series(1, 30) n",
    ],
  },
  "a key and the foreign key to it change": {
    old: [
      defineModel("parent", {
        fields: z.object({ id, part: id }),
        primaryKey: ["id"],
      }),
      t({ parent_id: id, parent_part: id }, {
        foreignKeys: [{
          fields: ["parent_id"],
          references: { table: "parent", fields: ["id"] },
        }],
      }),
    ],
    next: [
      defineModel("parent", {
        fields: z.object({ id, part: id }),
        primaryKey: ["id", "part"],
      }),
      t({ parent_id: id, parent_part: id }, {
        foreignKeys: [{
          fields: ["parent_id", "parent_part"],
          references: { table: "parent", fields: ["id", "part"] },
        }],
      }),
    ],
    rows: [
      "INSERT INTO parent SELECT n, n FROM generate_series(1, 30) n",
      "INSERT INTO t SELECT n, n, n FROM generate_series(1, 30) n",
    ],
  },
  "a unique key changes": {
    old: [t({ a: id, b: id }, { unique: [["a", "b"]] })],
    next: [t({ a: id, b: id }, { unique: [["a"]] })],
    rows: ["INSERT INTO t SELECT n, n, n FROM generate_series(1, 30) n"],
  },
  "a unique key gets the name of an index that is dropped": {
    old: [
      t({ a: id, b: id }, { indexes: [{ name: "t_a_key", fields: ["b"] }] }),
    ],
    next: [t({ a: id, b: id }, { unique: [["a"]] })],
    rows: ["INSERT INTO t SELECT n, n, n FROM generate_series(1, 30) n"],
  },
  "a check changes": {
    old: [
      t({ c: id.nullable() }, { checks: [{ name: "positive", sql: "c > 0" }] }),
    ],
    next: [
      t({ c: id.nullable() }, {
        checks: [{ name: "positive", sql: "c >= 0" }],
      }),
    ],
    rows,
  },
  "an enum gets another value": {
    old: [t({ c: z.enum(["a", "b"]).nullable() })],
    next: [t({ c: z.enum(["a", "b", "it's"]).nullable() })],
    rows,
  },
  "a unique key is added": {
    old: [t({ c: id.nullable() })],
    next: [t({ c: id.nullable() }, { unique: [["c"]] })],
    rows,
  },
  "a primary key is added": {
    old: [t({ c: id.nullable() }, { primaryKey: [] })],
    next: [t({ c: id }, { primaryKey: ["id", "c"] })],
    rows: rowsWithC,
  },
  "a primary key changes": {
    old: [t({ c: id })],
    next: [t({ c: id }, { primaryKey: ["id", "c"] })],
    rows: rowsWithC,
  },
  "a foreign key is added": {
    old: [parent, t(parentId)],
    next: [parent, t(parentId, refers())],
    rows,
  },
  "a foreign key changes": {
    old: [parent, t(parentId, refers())],
    next: [parent, t(parentId, refers({ onDelete: "cascade" }))],
    rows,
  },
  "a new table with seed rows refers to a table in use": {
    old: [parent],
    next: [
      parent,
      t(parentId, {
        ...refers(),
        seed: [{ id: 1, parent_id: null }, { id: 2, parent_id: null }],
      }),
    ],
    rows: ["INSERT INTO parent VALUES (1, 'a')"],
  },
  "a table in use refers to a new table": {
    old: [t(parentId)],
    next: [parent, t(parentId, refers())],
    rows,
  },
  "two new tables with an index and a comment": {
    old: [t()],
    next: [
      t(),
      model("u", { c: text.nullable().meta({ unit: "mag" }) }, {
        primaryKey: ["id"],
        indexes: [{ fields: ["c"] }],
      }),
      model("v", {}, { primaryKey: ["id"] }),
    ],
  },
  "an index is added": {
    old: [t({ c: text.nullable() })],
    next: [
      t({ c: text.nullable() }, {
        indexes: [{
          fields: [{ field: "c", order: "desc", nulls: "last" }, {
            sql: "lower(c)",
          }],
          where: "id > 0",
          include: ["id"],
          unique: true,
        }],
      }),
    ],
    rows,
  },
  "an index that needs an extension is added": {
    old: [t({ c: text })],
    next: [
      t({ c: text }, {
        indexes: [{
          fields: [{ sql: "similarity(c, 'x')" }],
          name: "ix_t_like_x",
        }],
      }),
    ],
    rows: ["INSERT INTO t (id, c) VALUES (1, 'y')"],
    apart: true,
  },
  "an index changes": {
    old: [
      t({ c: id.nullable() }, { indexes: [{ name: "ix", fields: ["c"] }] }),
    ],
    next: [
      t({ c: id.nullable() }, {
        indexes: [{ name: "ix", fields: ["c"], using: "hash" }],
      }),
    ],
    rows,
  },
  "an index gets another operator class and an ordered expression": {
    old: [
      t({ c: z.string().nullable() }, {
        indexes: [{ name: "ix", fields: ["c"] }],
      }),
    ],
    next: [
      t({ c: z.string().nullable() }, {
        indexes: [{
          name: "ix",
          fields: [
            { field: "c", opclass: "text_pattern_ops" },
            { sql: "lower(c)", opclass: "text_pattern_ops", order: "desc" },
          ],
        }],
      }),
    ],
    rows,
  },
  "an index gets another name": {
    old: [
      t({ c: id.nullable() }, { indexes: [{ name: "ix", fields: ["c"] }] }),
    ],
    next: [
      t({ c: id.nullable() }, { indexes: [{ name: "iy", fields: ["c"] }] }),
    ],
    rows,
  },
  "an index moves to another table": {
    old: [
      t({ c: id.nullable() }, { indexes: [{ name: "ix", fields: ["c"] }] }),
      parent,
    ],
    next: [
      t({ c: id.nullable() }),
      model("parent", { code: text }, {
        primaryKey: ["id"],
        unique: [["code"]],
        indexes: [{ name: "ix", fields: ["code"], using: "hash" }],
      }),
    ],
    rows,
  },
  "a partitioned table gets an index": {
    old: [t({ c: id.nullable() }, split)],
    next: [
      t({ c: id.nullable() }, {
        ...split,
        indexes: [{ name: "ix", fields: ["c"] }],
      }),
    ],
    rows: rowsWithC,
  },
  "a column of a partitioned table becomes NOT NULL, and gets a check": {
    old: [t({ c: id.nullable() }, split)],
    next: [
      t({ c: id.meta({ sqlDefault: "1" }) }, {
        ...split,
        checks: [{ name: "positive", sql: "c > 0" }],
      }),
    ],
    rows,
  },
  "a text becomes longer": {
    old: [
      t({ c: text.nullable().meta({ sqlType: "varchar(10)" }) }, {
        indexes: [{ fields: ["c"] }],
        checks: [{ name: "lower", sql: "c = lower(c)" }],
      }),
    ],
    next: [
      t({ c: text.nullable().meta({ sqlType: "varchar(20)" }) }, {
        indexes: [{ fields: ["c"] }],
        checks: [{ name: "lower", sql: "c = lower(c)" }],
      }),
    ],
    rows,
  },
  "a number becomes wider, and a text loses its limit": {
    old: [
      t({
        n: z.float64().nullable().meta({ sqlType: "numeric(6,2)" }),
        c: text.nullable().meta({ sqlType: "varchar(10)", sqlDefault: "'x'" }),
      }),
    ],
    next: [
      t({
        n: z.float64().nullable().meta({ sqlType: "numeric(8,2)" }),
        c: text.nullable().meta({ sqlType: "text", sqlDefault: "'x'" }),
      }),
    ],
    rows,
  },
  "a column is renamed with all objects that are named after it": {
    old: [
      t({ a: id, kind: z.enum(["x", "y"]).nullable(), ...parentId }, {
        ...refers(),
        unique: [["a"]],
        indexes: [{ fields: ["a"], where: "a > 0" }],
        checks: [{ name: "both", sql: "a > id" }],
      }),
      parent,
    ],
    next: [
      t({
        b: id.meta({ renamedFrom: "a" }),
        sort: z.enum(["x", "y"]).nullable().meta({ renamedFrom: "kind" }),
        ...parentId,
      }, {
        ...refers(),
        unique: [["b"]],
        indexes: [{ fields: ["b"], where: "b > 0" }],
        checks: [{ name: "both", sql: "b > id" }],
      }),
      parent,
    ],
    rows: [
      "INSERT INTO t (id, a) SELECT n, n + 1 FROM generate_series(1, 9) n",
    ],
  },
  "a table is renamed with all objects that are named after it": {
    old: [
      t({ c: id.nullable() }, {
        ...split,
        indexes: [{ fields: ["c"] }],
      }),
      model("u", { t_id: id.nullable() }, {
        primaryKey: ["id"],
        foreignKeys: [{
          fields: ["t_id"],
          references: { table: "t", fields: ["id"] },
        }],
      }),
    ],
    next: [
      model("things", { c: id.nullable() }, {
        renamedFrom: "t",
        primaryKey: ["id"],
        ...split,
        indexes: [{ fields: ["c"] }],
      }),
      model("u", { t_id: id.nullable() }, {
        primaryKey: ["id"],
        foreignKeys: [{
          fields: ["t_id"],
          references: { table: "things", fields: ["id"] },
        }],
      }),
    ],
    rows,
  },
  "a column is dropped with the objects that use it": {
    old: [
      t({ a: id.nullable(), c: id.nullable() }, {
        indexes: [{ fields: ["a", "c"] }],
        checks: [{ name: "both", sql: "a > c" }],
      }),
    ],
    next: [t({ a: id.nullable() })],
    rows,
    intent: intent({ drops: ["t.c"] }),
  },
  "a table is dropped": {
    old: [t(parentId, refers()), parent],
    next: [parent],
    rows,
    intent: intent({ drops: ["t"] }),
  },
  "names that need quotes": {
    old: [model("Order-by", { "from": id }, { primaryKey: ["id"] })],
    next: [
      model("Order-by", {
        "from": id,
        'a"b"': id.nullable().meta({ sqlDefault: "1" }),
      }, {
        primaryKey: ["id"],
        unique: [["from"]],
        indexes: [{ fields: ["from", 'a"b"'] }],
      }),
    ],
    rows: ['INSERT INTO "Order-by" VALUES (1, 2)'],
  },
  "a column is renamed while other columns are added and dropped": {
    old: [
      t({ a: id }, {
        checks: [{ name: "small", sql: "a < 100" }],
      }),
    ],
    next: [
      t({ b: id.nullable(), d: id.nullable() }, {
        checks: [{ name: "small", sql: "b < 200" }],
        indexes: [{ fields: ["b", "d"] }],
      }),
    ],
    rows: ["INSERT INTO t (id, a) SELECT n, n FROM generate_series(1, 9) n"],
    intent: intent({ renames: { "t.a": "t.b" } }),
  },
};
