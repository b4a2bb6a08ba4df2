import { quoted, quotedName, quotedPath } from "../codec/quote.ts";
import type { WantedForeignKey, WantedIndex, WantedTable } from "./table.ts";

/** Returns the statements that create tables with their partitions, indexes and comments, and then the foreign keys between them. */
export function createTables(
  tables: readonly WantedTable[],
  schema: string | undefined,
): string[] {
  return [
    ...tables.flatMap((table) => [
      ...createTable(table, schema),
      ...table.columns.flatMap(({ name, comment }) =>
        comment === undefined ? [] : [
          `comment on column ${quotedPath({ schema, name: table.name })}.${
            quotedName(name)
          } is ${quoted(comment)}`,
        ]
      ),
    ]),
    ...foreignKeys(tables, schema),
  ];
}

/** Returns the same statements without a schema and without comments, which the server stores unchanged. */
export function createBareTables(tables: readonly WantedTable[]): string[] {
  return [
    ...tables.flatMap((table) => createTable(table, undefined)),
    ...foreignKeys(tables, undefined),
  ];
}

function createTable(
  table: WantedTable,
  schema: string | undefined,
): string[] {
  const { partition, indexes } = table;
  const name = quotedPath({ schema, name: table.name });
  const parts = tableParts(table).map(({ text }) => text);
  const count = partition?.count ?? 0;
  return [
    `${tableHead(table.name, schema)}${parts.join(", ")})${
      partition === undefined
        ? ""
        : ` partition by hash (${quotedName(partition.column)})`
    }`,
    ...Array.from(
      { length: count },
      (_, remainder) =>
        `create table ${
          quotedPath({ schema, name: `${table.name}_part_${remainder}` })
        } partition of ${name} for values with (modulus ${count}, remainder ${remainder})`,
    ),
    ...indexes.map((index) => createIndex(index, name)),
  ];
}

/** A part of the definition of a table. */
interface TablePart {
  /** The part for messages: `check positive: id > 0`. */
  readonly title: string;
  /** Its SQL. */
  readonly text: string;
}

/** Returns the beginning of the statement that creates a table, up to its parts. */
export function tableHead(table: string, schema: string | undefined): string {
  return `create table ${quotedPath({ schema, name: table })} (`;
}

/** Returns the parts of the statement that creates a table, in their order. */
export function tableParts(
  { columns, primaryKey, primaryKeyName, unique, checks }: Pick<
    WantedTable,
    "columns" | "primaryKey" | "primaryKeyName" | "unique" | "checks"
  >,
): TablePart[] {
  const key = `primary key (${names(primaryKey)})`;
  return [
    ...columns.map((column) => {
      const text = columnText(column);
      return { title: `column ${text}`, text };
    }),
    ...primaryKey.length === 0 ? [] : [{
      title: key,
      text: primaryKeyName === undefined
        ? key
        : `constraint ${quotedName(primaryKeyName)} ${key}`,
    }],
    ...unique.map(({ name, columns }) => ({
      title: `unique key ${name}`,
      text: `constraint ${quotedName(name)} unique (${names(columns)})`,
    })),
    ...checks.map(({ name, sql }) => ({
      title: `check ${name}: ${sql}`,
      text: `constraint ${quotedName(name)} check (${sql})`,
    })),
  ];
}

function columnText(
  { name, type, collation, nullable, ...column }:
    WantedTable["columns"][number],
): string {
  return [
    `${quotedName(name)} ${type}`,
    ...collation === undefined ? [] : [`collate ${quotedName(collation)}`],
    ...column.fill === undefined ? [] : [column.fill],
    ...column.default === undefined ? [] : [`default ${column.default}`],
    ...nullable ? [] : ["not null"],
  ].join(" ");
}

function createIndex(
  { name, unique, using = "btree", parts, include, where }: WantedIndex,
  table: string,
): string {
  const keys = parts.map((part) =>
    [
      "sql" in part ? `(${part.sql})` : quotedName(part.field),
      ...part.opclass === undefined ? [] : [part.opclass],
      ...part.order === "desc" ? ["desc"] : [],
      ...part.nulls === undefined ? [] : [`nulls ${part.nulls}`],
    ].join(" ")
  );
  return `create ${unique ? "unique " : ""}index ${
    quotedName(name)
  } on ${table} using ${quotedName(using)} (${keys.join(", ")})${
    include.length === 0 ? "" : ` include (${names(include)})`
  }${where === undefined ? "" : ` where ${where}`}`;
}

function foreignKeys(
  tables: readonly WantedTable[],
  schema: string | undefined,
): string[] {
  return tables.flatMap(({ name: table, foreignKeys }) =>
    foreignKeys.map((key: WantedForeignKey) =>
      `alter table ${quotedPath({ schema, name: table })} add constraint ${
        quotedName(key.name)
      } foreign key (${names(key.columns)}) references ${
        quotedPath({ schema, name: key.table })
      } (${names(key.references)})${
        key.onDelete === undefined ? "" : ` on delete ${key.onDelete}`
      }`
    )
  );
}

function names(columns: readonly string[]): string {
  return columns.map(quotedName).join(", ");
}
