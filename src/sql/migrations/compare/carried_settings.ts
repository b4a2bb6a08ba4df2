import { row } from "../../link/run.ts";
import type { Scratch } from "./scratch_schema.ts";

/** What a column loses when a second one replaces it, as statements that restore it. */
export interface CarriedSettings {
  /** Privileges and statistics of the columns, to restore at once. */
  readonly columns: readonly string[];
  /** Comments on constraints and indexes that use the columns. */
  readonly comments: readonly string[];
  /** The foreign keys of other schemas to the columns, each as the statements that drop and add it. */
  readonly outside: readonly (readonly [drop: string, add: string])[];
}

/** Returns what columns of an existing table lose when they are replaced. */
export async function carriedSettings(
  { tx, home }: Scratch,
  table: string,
  columns: readonly string[],
): Promise<CarriedSettings> {
  const [found] = await row(tx, CARRIED, [
    home,
    table,
    JSON.stringify(columns),
  ]);
  return JSON.parse(
    found ?? '{ "columns": [], "comments": [], "outside": [] }',
  );
}

const CARRIED = `
with t as (
  select c.oid, quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2),
a as (
  select a.*, t.name as "table", quote_ident(a.attname) as "column" from pg_attribute a join t on t.oid = a.attrelid
  where a.attname in (select json_array_elements_text(cast($3 as json)))),
used as (
  select i.indexrelid as oid from pg_index i join a on i.indrelid = a.attrelid and exists (
    select from pg_depend d where d.objid = i.indexrelid and d.refobjid = a.attrelid and d.refobjsubid = a.attnum))
select json_build_object(
  'columns', (
    select coalesce(json_agg(s.statement order by s.statement), '[]') from (
      select 'GRANT ' || x.privilege_type || ' (' || a."column" || ') ON ' || a."table" || ' TO '
        || case x.grantee when 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(x.grantee)) end
        || case when x.is_grantable then ' WITH GRANT OPTION' else '' end || ';' as statement
      from a cross join lateral aclexplode(a.attacl) x
      union all
      select 'ALTER TABLE ' || a."table" || ' ALTER COLUMN ' || a."column" || ' SET STATISTICS ' || a.attstattarget || ';'
      from a where a.attstattarget >= 0
      union all
      select 'ALTER TABLE ' || a."table" || ' ALTER COLUMN ' || a."column" || ' SET (' || array_to_string(a.attoptions, ', ') || ');'
      from a where a.attoptions is not null) s),
  'comments', (
    select coalesce(json_agg(distinct s.statement), '[]') from (
      select 'COMMENT ON CONSTRAINT ' || quote_ident(k.conname) || ' ON ' || a."table" || ' IS '
        || quote_literal(obj_description(k.oid, 'pg_constraint')) || ';' as statement
      from pg_constraint k join a on k.conrelid = a.attrelid and a.attnum = any(k.conkey)
      union all
      select 'COMMENT ON INDEX ' || quote_ident(c.relname) || ' IS ' || quote_literal(obj_description(c.oid, 'pg_class')) || ';'
      from used join pg_class c on c.oid = used.oid) s
    where s.statement is not null),
  'outside', (
    select coalesce(json_agg(distinct array[
      'ALTER TABLE ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' DROP CONSTRAINT ' || quote_ident(k.conname) || ';',
      'ALTER TABLE ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) || ';']), '[]')
    from pg_constraint k
    join a on k.confrelid = a.attrelid and a.attnum = any(k.confkey)
    join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where k.contype = 'f' and n.nspname <> $1 and n.nspname not like 'dbp\\_scratch\\_%' and k.conparentid = 0))`;
