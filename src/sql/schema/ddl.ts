import { sql } from "kysely";
import type { Sql } from "../codec/sql_piece.ts";
import { tableOf } from "../codec/sql_piece.ts";
import type { WantedIndex, WantedTable } from "./table.ts";

/** The statements that create tables with their partitions, indexes and comments, and then the foreign keys between them. */
export function createTables(
  tables: readonly WantedTable[],
  schema: string | undefined,
): Sql[] {
  return [
    ...tables.flatMap((table) => [
      ...createTable(table, schema),
      ...commentColumns(table, schema),
    ]),
    ...tables.flatMap((table) => addForeignKeys(table, schema)),
  ];
}

/** The same statements without a schema and without comments, which the server stores unchanged. */
export function createBareTables(tables: readonly WantedTable[]): Sql[] {
  return [
    ...tables.flatMap((table) => createTable(table, undefined)),
    ...tables.flatMap((table) => addForeignKeys(table, undefined)),
  ];
}

function createTable(table: WantedTable, schema: string | undefined): Sql[] {
  const name = tableOf({ table: table.name }, schema);
  const parts = [
    ...table.columns.map(({ name, type, nullable, default: value }) => {
      const rule = nullable ? sql`` : sql` not null`;
      const initial = value === undefined
        ? sql``
        : sql` default ${sql.raw(value)}`;
      return sql`${sql.id(name)} ${sql.raw(type)}${initial}${rule}`;
    }),
    ...(table.primaryKey.length === 0
      ? []
      : [sql`primary key (${ids(table.primaryKey)})`]),
    ...table.unique.map(({ name, columns }) =>
      sql`constraint ${sql.id(name)} unique (${ids(columns)})`
    ),
    ...table.checks.map((check) =>
      sql`constraint ${sql.id(check.name)} check (${sql.raw(check.sql)})`
    ),
  ];
  const split = table.partition === undefined
    ? sql``
    : sql` partition by hash (${sql.id(table.partition.column)})`;
  return [
    sql`create table ${name} (${sql.join(parts)})${split}`,
    ...partitions(table, schema, name),
    ...table.indexes.map((index) => createIndex(index, name)),
  ];
}

function commentColumns(
  table: WantedTable,
  schema: string | undefined,
): Sql[] {
  const name = tableOf({ table: table.name }, schema);
  return table.columns.flatMap((column) =>
    column.comment === undefined ? [] : [
      sql`comment on column ${name}.${sql.id(column.name)} is ${
        sql.lit(column.comment)
      }`,
    ]
  );
}

function partitions(
  { name: table, partition }: WantedTable,
  schema: string | undefined,
  parent: Sql,
): Sql[] {
  return Array.from({ length: partition?.count ?? 0 }, (_, remainder) => {
    const name = tableOf({ table: `${table}_part_${remainder}` }, schema);
    return sql`create table ${name} partition of ${parent} for values with (modulus ${
      sql.lit(partition?.count)
    }, remainder ${sql.lit(remainder)})`;
  });
}

function createIndex(index: WantedIndex, table: Sql): Sql {
  const parts = index.parts.map((part) => {
    const what = "sql" in part
      ? sql`(${sql.raw(part.sql)})`
      : sql`${sql.id(part.field)}`;
    const opclass = part.opclass === undefined
      ? sql``
      : sql` ${sql.raw(part.opclass)}`;
    const order = part.order === "desc" ? sql` desc` : sql``;
    const nulls = part.nulls === undefined
      ? sql``
      : part.nulls === "first"
      ? sql` nulls first`
      : sql` nulls last`;
    return sql`${what}${opclass}${order}${nulls}`;
  });
  const unique = index.unique ? sql`unique ` : sql``;
  const using = sql.id(index.using ?? "btree");
  const include = index.include.length === 0
    ? sql``
    : sql` include (${ids(index.include)})`;
  const where = index.where === undefined
    ? sql``
    : sql` where ${sql.raw(index.where)}`;
  return sql`create ${unique}index ${
    sql.id(index.name)
  } on ${table} using ${using} (${sql.join(parts)})${include}${where}`;
}

function addForeignKeys(table: WantedTable, schema: string | undefined): Sql[] {
  return table.foreignKeys.map((key) => {
    const onDelete = key.onDelete === undefined
      ? sql``
      : sql` on delete ${ON_DELETE[key.onDelete]}`;
    return sql`alter table ${
      tableOf({ table: table.name }, schema)
    } add constraint ${sql.id(key.name)} foreign key (${
      ids(key.columns)
    }) references ${tableOf({ table: key.table }, schema)} (${
      ids(key.references)
    })${onDelete}`;
  });
}

const ON_DELETE = {
  "cascade": sql`cascade`,
  "set null": sql`set null`,
  "restrict": sql`restrict`,
} as const;

function ids(names: readonly string[]): Sql {
  return sql.join(names.map((name) => sql.id(name)));
}
