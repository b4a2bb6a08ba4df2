import type { SqlLink } from "../link.ts";

/** A column as the catalogs have it. */
export interface LiveColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly comment: string | null;
}

/** A constraint as the catalogs have it; expressions in the server's own spelling. */
export interface LiveConstraint {
  readonly kind: "primary" | "unique" | "check" | "foreign";
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string | null;
  readonly table: string | null;
  readonly references: readonly string[] | null;
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** An index that no constraint brought, as the catalogs have it. */
export interface LiveIndex {
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly parts: readonly string[];
  readonly include: readonly string[];
  readonly where: string | null;
}

/** A table as the catalogs have it. */
export interface LiveTable {
  readonly name: string;
  readonly columns: readonly LiveColumn[];
  readonly constraints: readonly LiveConstraint[];
  readonly indexes: readonly LiveIndex[];
  readonly partition: string | null;
  readonly partitions: number;
}

/** The tables of these names in a schema, as the catalogs have them. `pg_temp` is this session's own. */
export async function liveTables(
  link: SqlLink,
  schema: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, LiveTable>> {
  const tables = new Map<string, LiveTable>();
  await link.query(
    { text: CATALOG, values: [schema, JSON.stringify(names)] },
    ([json]) => {
      const table: LiveTable = JSON.parse(String(json));
      tables.set(table.name, table);
    },
  );
  return tables;
}

/** The schema in which a name without one is made. */
export async function currentSchema(link: SqlLink): Promise<string> {
  let schema: string | null = null;
  await link.query(
    { text: "select current_schema()", values: [] },
    ([name]) => schema = name ?? null,
  );
  return schema ?? "public";
}

/**
 * One JSON object a table. Names of columns come by number from the arrays of
 * the catalogs; a not-null rule is the column's, not a constraint, on every
 * version.
 */
const CATALOG = `
select json_build_object(
  'name', c.relname,
  'columns', (
    select coalesce(json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'nullable', not a.attnotnull,
      'default', pg_get_expr(d.adbin, d.adrelid),
      'comment', col_description(c.oid, a.attnum)) order by a.attnum), '[]')
    from pg_attribute a
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'constraints', (
    select coalesce(json_agg(json_build_object(
      'kind', case k.contype when 'p' then 'primary' when 'u' then 'unique' when 'c' then 'check' else 'foreign' end,
      'name', k.conname,
      'columns', (
        select coalesce(json_agg(a.attname order by n.place), '[]')
        from unnest(k.conkey) with ordinality as n(number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.number),
      'expression', pg_get_expr(k.conbin, k.conrelid),
      'table', (select relname from pg_class where oid = k.confrelid),
      'references', (
        select json_agg(a.attname order by n.place)
        from unnest(k.confkey) with ordinality as n(number, place)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n.number),
      'onDelete', k.confdeltype,
      'onUpdate', k.confupdtype) order by k.contype, k.conname), '[]')
    from pg_constraint k
    where k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f') and k.conparentid = 0),
  'indexes', (
    select coalesce(json_agg(json_build_object(
      'name', i.relname,
      'method', m.amname,
      'unique', x.indisunique,
      'parts', (
        select json_agg(pg_get_indexdef(x.indexrelid, p, true) ||
          case when m.amname <> 'btree' then ''
            when x.indoption[p - 1] & 3 = 3 then ' desc'
            when x.indoption[p - 1] & 3 = 1 then ' desc nulls last'
            when x.indoption[p - 1] & 3 = 2 then ' nulls first'
            else '' end order by p)
        from generate_series(1, x.indnkeyatts) p),
      'include', (
        select coalesce(json_agg(pg_get_indexdef(x.indexrelid, p, true) order by p), '[]')
        from generate_series(x.indnkeyatts + 1, x.indnatts) p),
      'where', pg_get_expr(x.indpred, x.indrelid)) order by i.relname), '[]')
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_am m on m.oid = i.relam
    where x.indrelid = c.oid and x.indisvalid
      and not exists (select from pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))),
  'partition', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
  'partitions', (select count(*) from pg_inherits h where h.inhparent = c.oid)
)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.oid = case when $1 = 'pg_temp' then pg_my_temp_schema() else (select oid from pg_namespace where nspname = $1) end
  and c.relkind in ('r', 'p')
  and c.relname in (select json_array_elements_text(cast($2 as json)))
order by c.relname`;
