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
  { name: table, columns, primaryKey, unique, checks, partition, indexes }:
    WantedTable,
  schema: string | undefined,
): string[] {
  const name = quotedPath({ schema, name: table });
  const parts = [
    ...columns.map(({ name, type, collation, nullable, ...column }) =>
      [
        `${quotedName(name)} ${type}`,
        ...collation === undefined ? [] : [`collate ${quotedName(collation)}`],
        ...column.fill === undefined ? [] : [column.fill],
        ...column.default === undefined ? [] : [`default ${column.default}`],
        ...nullable ? [] : ["not null"],
      ].join(" ")
    ),
    ...primaryKey.length === 0 ? [] : [`primary key (${names(primaryKey)})`],
    ...unique.map(({ name, columns }) =>
      `constraint ${quotedName(name)} unique (${names(columns)})`
    ),
    ...checks.map(({ name, sql }) =>
      `constraint ${quotedName(name)} check (${sql})`
    ),
  ];
  const count = partition?.count ?? 0;
  return [
    `create table ${name} (${parts.join(", ")})${
      partition === undefined
        ? ""
        : ` partition by hash (${quotedName(partition.column)})`
    }`,
    ...Array.from(
      { length: count },
      (_, remainder) =>
        `create table ${
          quotedPath({ schema, name: `${table}_part_${remainder}` })
        } partition of ${name} for values with (modulus ${count}, remainder ${remainder})`,
    ),
    ...indexes.map((index) => createIndex(index, name)),
  ];
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
