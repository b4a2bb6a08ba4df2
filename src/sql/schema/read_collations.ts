import { ConfigError, QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { ownerOf } from "../../model/field_owner.ts";
import type { AnyModel } from "../../model/types.ts";
import { type Collations, namesCollation } from "../codec/collations.ts";
import { columnType, isTextType } from "../codec/column_type.ts";
import type { SqlLink } from "../link/link.ts";
import { isServerError } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";

/** The collations of a database, read again when its tables change. */
export interface LiveCollations extends Collations {
  /** Reads them again. */
  refresh(): Promise<void>;
}

/** The order of a column of text, and whether `like` fails on it. */
interface LiveText {
  readonly isByCodePoint: boolean;
  readonly refusesLike: boolean;
}

/** What the catalogs say. */
interface Catalog {
  readonly isByCodePoint: boolean;
  /** The columns of text of each existing table. */
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, LiveText>>;
}

/**
 * Returns SQL for whether a collation orders text by code point: all built-in
 * ones, and C, POSIX and C.UTF-8 of the operating system.
 */
function byCodePoint(provider: string, locale: string): string {
  return `case ${provider} when 'b' then true when 'i' then false else ${locale} ~* '^(c|posix|c[.]utf-?8)$' end`;
}

/** Whether the default collation of the database orders text by code point. Before PostgreSQL 15, a database has no provider. */
export const DATABASE_BY_CODE_POINT: string = `(
  select ${
  byCodePoint("coalesce(to_jsonb(d) ->> 'datlocprovider', 'c')", "d.datcollate")
}
  from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())`;

/** Whether a collation `l` orders text by code point. */
export const COLLATION_BY_CODE_POINT: string =
  `case when l.collprovider = 'd' then ${DATABASE_BY_CODE_POINT} else ${
    byCodePoint("l.collprovider", "coalesce(l.collcollate, '')")
  } end`;

/** `$1` is the names of the tables as JSON, `$2` their schema; without it, they are found on the search path. */
const COLLATIONS = `
select ${DATABASE_BY_CODE_POINT}, (
  select json_object_agg(t.relname, t.columns) from (
    select c.relname, (
      select coalesce(json_object_agg(a.attname, json_build_object(
        'isByCodePoint', ${COLLATION_BY_CODE_POINT},
        'refusesLike', not l.collisdeterministic and pg_catalog.current_setting('server_version_num')::int < 180000)), '{}')
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_collation l on l.oid = a.attcollation
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname in (select cast(json_array_elements_text(cast($1 as json)) as name)) and case when $2::text is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname = $2 end) t),
  pg_catalog.current_setting('array_nulls')`;

/** Reads how the database and the tables of models compare text. */
export async function readCollations(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<LiveCollations> {
  const read = async (): Promise<Collations> =>
    collationsOf(await readCatalog(link, models, schema));
  let current = await read();
  return {
    get isByCodePoint() {
      return current.isByCodePoint;
    },
    needsC: (field) => current.needsC(field),
    assertLike: (field) => current.assertLike(field),
    async refresh() {
      current = await read();
    },
  };
}

async function readCatalog(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<Catalog> {
  const names = models.map(({ table }) => table);
  let readsArrayNulls = true;
  let catalog: Catalog = { isByCodePoint: false, tables: new Map() };
  try {
    await link.query(
      { text: COLLATIONS, values: [JSON.stringify(names), schema ?? null] },
      ([isByCodePoint, json, arrayNulls]) => {
        readsArrayNulls = arrayNulls === "on";
        const tables: Record<string, Record<string, LiveText>> = JSON.parse(
          json ?? "{}",
        );
        catalog = {
          isByCodePoint: isByCodePoint === "t",
          tables: new Map(
            Object.entries(tables).map(([table, columns]) => [
              table,
              new Map(Object.entries(columns)),
            ]),
          ),
        };
      },
    );
  } catch (error) {
    // A role that may not read the catalogs still gets the order of code points.
    if (
      !isServerError(error) || error.code !== SQLSTATE.insufficientPrivilege
    ) throw error;
  }
  if (!readsArrayNulls) {
    throw new ConfigError("Cannot use the session of this connection", [{
      key: "array_nulls",
      problem:
        "is off, so that a null in an array would become the text NULL. Turn it on for this role or database, like alter role … set array_nulls = on",
    }]);
  }
  return catalog;
}

function collationsOf({ isByCodePoint, tables }: Catalog): Collations {
  const columnsOf = (field: Field): ReadonlyMap<string, LiveText> | undefined =>
    tables.get(ownerOf(field)?.table ?? "");
  return {
    isByCodePoint,
    needsC(field) {
      if (namesCollation(field)) return false;
      const columns = columnsOf(field);
      return columns === undefined
        ? !isByCodePoint && isTextType(columnType(field))
        : columns.get(field.column)?.isByCodePoint === false;
    },
    assertLike(field) {
      const model = ownerOf(field);
      if (!columnsOf(field)?.get(field.column)?.refusesLike) return;
      throw new QueryError(
        `Cannot filter ${model?.name} by like: the collation of the column ${field.column} is not deterministic, and PostgreSQL supports like on it only from version 18. Filter ${field.name} by eq, in or a range, or give the column another collation`,
        { model: model?.name, field: field.name },
      );
    },
  };
}
