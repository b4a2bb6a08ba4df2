// Random models before and after a plan, with few names, so that these often meet.
import { type AnyModel, int16 } from "@alerce/db-plugins";
import fc from "fast-check";
import { z } from "zod";
import type { Intent } from "../../src/engine/migrations/mod.ts";
import { model, type Options } from "./plan_cases.ts";

/** Models before and after, rows of the former, and answers to the questions of a plan. */
export interface Pair {
  readonly old: readonly AnyModel[];
  readonly next: readonly AnyModel[];
  readonly rows: readonly string[];
  readonly intent: Intent;
}

/** The possible states of a column. */
interface Column {
  readonly exists: boolean;
  readonly renamed: boolean;
  readonly nullable: boolean;
  /** The index of its type, narrow types first; a later model never has a narrower one. */
  readonly width: number;
  readonly default: "none" | "fixed" | "other" | "volatile" | "model";
  readonly description: "Some" | "It's" | undefined;
}

/** A possible column of a table. */
interface Kind {
  readonly types: readonly z.ZodType[];
  /** Defaults of the server. */
  readonly fixed: string;
  readonly other: string;
  readonly volatile: string;
  /** A default of the model, and a value for rows. */
  readonly value: unknown;
  readonly text: string;
}

const typed = (...names: string[]): z.ZodType[] =>
  names.map((sqlType) => z.string().meta({ sqlType }));

const KINDS: Readonly<Record<string, Kind>> = {
  count: {
    types: [int16(), z.int32()],
    fixed: "1",
    other: "1 + 1",
    volatile: "(random() * 9)::integer",
    value: 3,
    text: "4",
  },
  label: {
    types: typed("varchar(10)", "varchar(20)", "text"),
    fixed: "'x'",
    other: "lower('Y')",
    volatile: "left(gen_random_uuid()::text, 5)",
    value: "it's",
    text: "l",
  },
  kind: {
    types: [z.enum(["a", "b"]), z.enum(["a", "c", "it's"])],
    fixed: "'a'",
    other: "lower('A')",
    volatile: "left('a' || random(), 1)",
    value: "a",
    text: "a",
  },
  uid: {
    types: [z.uuid()],
    fixed: "'0b0c0ffe-0000-4000-8000-000000000001'",
    other: "'0b0c0ffe-0000-4000-8000-000000000002'",
    volatile: "gen_random_uuid()",
    value: "0b0c0ffe-0000-4000-8000-000000000003",
    text: "0b0c0ffe-0000-4000-8000-000000000004",
  },
  price: {
    types: [
      z.float64().meta({ sqlType: "numeric(6,2)" }),
      z.float64().meta({ sqlType: "numeric(9,2)" }),
      z.float64().meta({ sqlType: "numeric" }),
    ],
    fixed: "1.5",
    other: "2.50",
    volatile: "random()",
    value: 7.25,
    text: "8.5",
  },
  seen: {
    types: [z.date()],
    fixed: "now()",
    other: "'2018-06-01 00:00:00+00'",
    volatile: "clock_timestamp()",
    value: new Date(0),
    text: "2019-01-01 00:00:00+00",
  },
};

const column: fc.Arbitrary<Column> = fc.record({
  exists: fc.oneof({ arbitrary: fc.constant(true), weight: 3 }, {
    arbitrary: fc.constant(false),
    weight: 1,
  }),
  renamed: fc.oneof({ arbitrary: fc.constant(false), weight: 4 }, {
    arbitrary: fc.constant(true),
    weight: 1,
  }),
  nullable: fc.boolean(),
  width: fc.nat(2),
  default: fc.constantFrom(
    "none",
    "none",
    "fixed",
    "other",
    "volatile",
    "model",
  ),
  description: fc.constantFrom(undefined, undefined, "Some", "It's"),
});

/** The possible states of a table. */
interface Table {
  readonly exists: boolean;
  readonly renamed: boolean;
  readonly columns: Readonly<Record<string, Column>>;
  readonly checks: readonly string[];
  readonly indexes: readonly string[];
  readonly unique: readonly string[];
  readonly refers: "no" | "yes" | "cascade";
  readonly key: "id" | "id, count" | "none";
  readonly isKeyNamed: boolean;
}

const CHECKS: Readonly<Record<string, (count: string) => string>> = {
  count_positive: (count) => `${count} >= 0`,
  count_below: (count) => `${count} < 1000`,
  count_and_id: (count) => `${count} > id - 1000`,
};

const table: fc.Arbitrary<Table> = fc.record({
  exists: fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, {
    arbitrary: fc.constant(false),
    weight: 1,
  }),
  renamed: fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, {
    arbitrary: fc.constant(true),
    weight: 1,
  }),
  columns: fc.record(
    Object.fromEntries(Object.keys(KINDS).map((name) => [name, column])),
  ),
  checks: fc.subarray(Object.keys(CHECKS)),
  indexes: fc.subarray([
    "plain",
    "named",
    "both",
    "desc",
    "lower",
    "partial",
    "hash",
    "unique",
  ]),
  unique: fc.subarray(["count", "label"]),
  refers: fc.constantFrom("no", "yes", "cascade"),
  key: fc.constantFrom("id", "id", "id, count", "none"),
  isKeyNamed: fc.boolean(),
});

/** The tables: `parent`, `child`, which may refer to it, and `split`, which has partitions. */
const tables = fc.record({ parent: table, child: table, split: table });
type Tables = Readonly<Record<"parent" | "child" | "split", Table>>;

/** A pair of models with rows between. */
export const pair: fc.Arbitrary<Pair> = fc.tuple(
  tables,
  tables,
  fc.constantFrom("x", "y"),
)
  .map(([before, after, named]) => {
    const wider = widened(before, after);
    const old = modelsOf(before, "x");
    const next = modelsOf(wider, named);
    return { old, next, rows: rowsOf(old), intent: answers(old, next) };
  });

function widened(before: Tables, after: Tables): Tables {
  const widen = (name: keyof Tables): Table => ({
    ...after[name],
    columns: Object.fromEntries(
      Object.entries(after[name].columns).map(([key, column]) => {
        const old = before[name].columns[key];
        return [key, {
          ...column,
          width: Math.max(column.width, old?.width ?? 0),
        }];
      }),
    ),
  });
  return {
    parent: widen("parent"),
    child: widen("child"),
    split: widen("split"),
  };
}

function modelsOf(tables: Tables, indexName: string): AnyModel[] {
  const parent = nameIn(tables, "parent");
  return (["parent", "child", "split"] as const).flatMap((name) => {
    const table = tables[name];
    if (!table.exists) return [];
    return [modelOf(
      name,
      table,
      indexName,
      name === "child" && tables.parent.exists ? parent : undefined,
    )];
  });
}

function nameIn(tables: Tables, name: keyof Tables): string {
  return tables[name].renamed ? `${name}s` : name;
}

function modelOf(
  name: keyof Tables,
  table: Table,
  indexName: string,
  parent: string | undefined,
): AnyModel {
  const existing = Object.entries(table.columns).filter(([, { exists }]) =>
    exists
  );
  const names = new Map(
    existing.map(([key, { renamed }]) => [key, renamed ? `${key}_2` : key]),
  );
  const fields: Record<string, z.ZodType> = { parent_id: z.int32().nullable() };
  for (const [key, column] of existing) {
    const kind = KINDS[key];
    const field = names.get(key);
    if (kind === undefined || field === undefined) continue;
    fields[field] = fieldOf(key, kind, column);
  }
  const count = names.get("count");
  const label = names.get("label");
  const required = table.columns.count?.nullable === false;
  const has = (index: string): boolean => table.indexes.includes(index);
  const primaryKey = name === "split" || name === "parent" || table.key === "id"
    ? ["id"]
    : table.key === "none"
    ? []
    : count !== undefined && required
    ? ["id", count]
    : ["id"];
  const options: Options = {
    primaryKey,
    ...table.isKeyNamed && primaryKey.length > 0
      ? { primaryKeyName: `pk_${name}${table.renamed ? "s" : ""}` }
      : {},
    unique: name === "child"
      ? table.unique.flatMap((key) => {
        const field = names.get(key);
        return field === undefined ? [] : [["id", field]];
      })
      : [],
    checks: count === undefined ? [] : table.checks.flatMap((check) => {
      const sql = CHECKS[check]?.(count);
      return sql === undefined ? [] : [{ name: check, sql }];
    }),
    indexes: [
      ...count !== undefined && has("plain") ? [{ fields: [count] }] : [],
      ...count !== undefined && has("named")
        ? [{ name: `${name}_${indexName}`, fields: [count, "id"] }]
        : [],
      ...count !== undefined && label !== undefined && has("both")
        ? [{ fields: [count, label], include: ["id"] }]
        : [],
      ...count !== undefined && has("desc")
        ? [{
          name: `${name}_desc`,
          fields: [{ field: count, order: "desc" as const }],
        }]
        : [],
      ...label !== undefined && has("lower")
        ? [{ name: `${name}_lower`, fields: [{ sql: `lower(${label})` }] }]
        : [],
      ...count !== undefined && has("partial")
        ? [{
          name: `${name}_partial`,
          fields: ["id"],
          where: `${count} > ${indexName === "x" ? 1 : 2}`,
        }]
        : [],
      ...label !== undefined && has("hash")
        ? [{
          name: `${name}_hash`,
          fields: [label],
          using: indexName === "x" ? "hash" as const : "btree" as const,
        }]
        : [],
      ...name !== "split" && has("unique")
        ? [{ name: `${name}_unique`, fields: ["id"], unique: true }]
        : [],
    ],
    foreignKeys: parent === undefined || table.refers === "no" ? [] : [{
      fields: ["parent_id"],
      references: { table: parent, fields: ["id"] },
      ...table.refers === "cascade" ? { onDelete: "cascade" as const } : {},
    }],
    ...table.renamed ? { renamedFrom: name } : {},
    ...name === "split" ? { partitionBy: { hash: "id", partitions: 2 } } : {},
  };
  return model(table.renamed ? `${name}s` : name, fields, options);
}

function fieldOf(key: string, kind: Kind, column: Column): z.ZodType {
  const type = kind.types[Math.min(column.width, kind.types.length - 1)];
  if (type === undefined) throw new Error(key);
  const server = column.default === "none" || column.default === "model"
    ? undefined
    : kind[column.default];
  const meta = {
    ...type.meta(),
    ...column.renamed ? { renamedFrom: key } : {},
    ...server === undefined ? {} : { sqlDefault: server },
    ...column.description === undefined
      ? {}
      : { description: column.description },
  };
  const nullable = column.nullable ? type.nullable() : type;
  return (column.default === "model" ? nullable.default(kind.value) : nullable)
    .meta(meta);
}

function rowsOf(models: readonly AnyModel[]): string[] {
  return models.map(({ table, fields, primaryKey }) => {
    const columns = fields.map(({ column }) => `"${column}"`);
    const values = fields.map(({ column, nullable, type }) => {
      if (column === "id") return "n";
      if (column === "parent_id") return "null";
      const text = KINDS[column.replace(/_2$/, "")]?.text ?? "";
      const value = `'${text}'`;
      const some = nullable && !primaryKey.includes(column)
        ? `case when n % 3 = 0 then null else ${value} end`
        : value;
      return type.kind === "string" || type.kind === "enum"
        ? some
        : `cast(${some} as ${CASTS[column.replace(/_2$/, "")]})`;
    });
    return `INSERT INTO "${table}" (${columns.join(", ")}) SELECT ${
      values.join(", ")
    } FROM generate_series(1, 20) n`;
  });
}

const CASTS: Readonly<Record<string, string>> = {
  count: "integer",
  uid: "uuid",
  price: "numeric",
  seen: "timestamptz",
};

/** Confirms drops, and gives values to new required columns. */
function answers(old: readonly AnyModel[], next: readonly AnyModel[]): Intent {
  return {
    renames: new Map(),
    drops: new Set([
      ...old.map(({ table }) => table),
      ...[...old, ...next].flatMap(({ table, fields }) =>
        fields.map(({ column }) => `${table}.${column}`)
      ),
      ...next.flatMap(({ table, fields, renamedFrom }) =>
        old.find((model) => model.table === renamedFrom)?.fields.filter((
          { column },
        ) => fields.every((field) => field.renamedFrom !== column)).map((
          { column },
        ) => `${table}.${column}`) ?? []
      ),
    ]),
    defaults: new Map(
      next.flatMap(({ table, fields }) =>
        fields.filter((field) =>
          !field.nullable && field.sqlDefault === undefined &&
          field.default === undefined && field.column !== "id"
        ).map(({ column }): [string, string] => [
          `${table}.${column}`,
          KINDS[column.replace(/_2$/, "")]?.text ?? "",
        ])
      ),
    ),
  };
}
