// What the database says about the columns of a model's table, for whoever must
// know what a column does with a value: compare, cast or generate it.

import type { ColumnForm } from "../codec/stored_form.ts";

/** The rights of a role on a column. */
export interface ColumnRights {
  readonly select: boolean;
  readonly insert: boolean;
  readonly update: boolean;
}

/** What the catalogs say about a column. */
export interface ColumnFacts extends ColumnForm {
  /** Whether it may be null. */
  readonly isNullable: boolean;
  /** Whether it has a default, of its own or of a domain. */
  readonly hasDefault: boolean;
  /** Whether the server always generates its value, from an expression. */
  readonly isGenerated: boolean;
  /** How it is an identity: `always`, `by default`, or undefined. */
  readonly identity: "always" | "by default" | undefined;
  /** The rights of the role. */
  readonly rights: ColumnRights;
}

/** The result of {@link COLUMN_FACTS}. */
export type ColumnsJson = Readonly<Record<string, ColumnJson>>;

/** One column. Object identifiers are texts. */
interface ColumnJson {
  readonly type: string;
  readonly sqlType: string;
  readonly baseType: string;
  readonly baseSqlType: string;
  readonly modifier: number;
  readonly typeKind: string;
  readonly receiver: string | null;
  readonly itemType: string;
  readonly collation: string | null;
  readonly isDeterministic: boolean;
  readonly isNullable: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
  readonly identity: string;
  readonly rights: ColumnRights;
}

const right = (name: string): string =>
  `pg_catalog.has_column_privilege(c.oid, k.attnum, '${name}')`;

/** SQL for the facts of the columns of a table `c`, by name, as JSON. */
export const COLUMN_FACTS: string = `(
with recursive columns as (
  select a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.atthasdef, a.attgenerated, a.attidentity
  from pg_catalog.pg_attribute a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
), types as (
  select k.attnum, t.oid, t.typtype, t.typbasetype, t.typelem, t.typlen, t.typreceive, k.atttypmod as modifier, t.typnotnull, t.typdefault is not null as has_default
  from columns k join pg_catalog.pg_type t on t.oid = k.atttypid
  union all
  select d.attnum, t.oid, t.typtype, t.typbasetype, t.typelem, t.typlen, t.typreceive, greatest(d.modifier, o.typtypmod), d.typnotnull or t.typnotnull, d.has_default or t.typdefault is not null
  from types d join pg_catalog.pg_type o on o.oid = d.oid join pg_catalog.pg_type t on t.oid = d.typbasetype
  where d.typtype = 'd'
)
select pg_catalog.json_object_agg(k.attname, pg_catalog.json_build_object(
  'type', k.atttypid, 'sqlType', pg_catalog.format_type(k.atttypid, k.atttypmod), 'baseType', t.oid, 'baseSqlType', pg_catalog.format_type(t.oid, t.modifier), 'modifier', t.modifier, 'typeKind', t.typtype,
  'receiver', (select p.prosrc from pg_catalog.pg_proc p where p.oid = t.typreceive),
  'itemType', case when t.typlen = -1 then t.typelem else 0 end,
  'collation', case when l.oid is not null then pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname) end,
  'isDeterministic', coalesce(l.collisdeterministic, true), 'isNullable', not (k.attnotnull or t.typnotnull),
  'hasDefault', (k.atthasdef and k.attgenerated = '') or t.has_default, 'isGenerated', k.attgenerated <> '', 'identity', k.attidentity,
  'rights', pg_catalog.json_build_object('select', ${
  right("select")
}, 'insert', ${right("insert")}, 'update', ${right("update")})))
from columns k
join types t on t.attnum = k.attnum and t.typtype <> 'd'
left join pg_catalog.pg_collation l on l.oid = k.attcollation
left join pg_catalog.pg_namespace n on n.oid = l.collnamespace)`;

/** Returns the facts that {@link COLUMN_FACTS} returned. */
export function columnFactsOf(
  columns: ColumnsJson,
): ReadonlyMap<string, ColumnFacts> {
  return new Map(
    Object.entries(columns).map(([name, column]) => [name, {
      ...column,
      type: Number(column.type),
      baseType: Number(column.baseType),
      itemType: Number(column.itemType),
      receiver: column.receiver ?? "",
      collation: column.collation ?? undefined,
      identity: IDENTITIES[column.identity],
    }]),
  );
}

/** The values of `pg_attribute.attidentity`. */
const IDENTITIES: Readonly<Record<string, ColumnFacts["identity"]>> = {
  a: "always",
  d: "by default",
};
