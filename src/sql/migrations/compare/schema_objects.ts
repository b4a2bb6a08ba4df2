import type { Draft } from "../../../engine/migrations/mod.ts";
import { STEP } from "../../../migrations/plan/draft.ts";
import { lostName } from "../file/destructive_names.ts";
import {
  type SequenceOptions,
  sequenceOptions,
} from "../../schema/sequence_options.ts";
import { row } from "../../link/run.ts";
import type { Scratch } from "./scratch_schema.ts";

/** A type, sequence, function or collation of the schema that tables need, and no model describes. */
export interface SchemaObject {
  readonly kind: "sequence" | "type" | "domain" | "function" | "collation";
  /** Its quoted name, with the types of the arguments of a function. */
  readonly name: string;
  /** The statement that creates it. */
  readonly create: string;
}

/** Returns the objects of the live schema that the tables in the scratch schema need, each after those that it needs itself. */
export async function objectsIn(
  { tx, schema, home }: Scratch,
): Promise<readonly SchemaObject[]> {
  const [found] = await row(tx, OBJECTS, [schema, home]);
  const objects: FoundObject[] = JSON.parse(found ?? "[]");
  return objects.map(({ kind, name, create, options, prefix }) => ({
    kind,
    name,
    create: options !== null
      ? `CREATE SEQUENCE ${name}${sequenceOptions(options, true)}`
      : prefix !== null
      // The server always writes the schema of a function.
      ? create.replace(
        `CREATE OR REPLACE FUNCTION ${prefix}.`,
        "CREATE FUNCTION ",
      )
        .trimEnd()
      : create,
  }));
}

interface FoundObject extends SchemaObject {
  readonly options: SequenceOptions | null;
  readonly prefix: string | null;
}

/** Returns both files with a first step that creates objects, and a last one that drops them. */
export function withSchemaObjects(
  { up, down }: { readonly up: Draft; readonly down: Draft },
  objects: readonly SchemaObject[],
): { readonly up: Draft; readonly down: Draft } {
  if (objects.length === 0) return { up, down };
  const sequences = objects.filter(({ kind }) => kind === "sequence");
  return {
    up: {
      ...up,
      steps: [
        { ...STEP, statements: objects.map(({ create }) => create) },
        ...up.steps,
      ],
    },
    down: {
      ...down,
      steps: [...down.steps, {
        ...STEP,
        statements: objects.toReversed().map(({ kind, name }) =>
          `DROP ${kind.toUpperCase()} ${name}`
        ),
      }],
      destructive: [
        ...down.destructive,
        ...sequences.map(({ name }) => `drop-sequence ${lostName(name)}`),
      ],
    },
  };
}

/** The objects of the schema `$2` on which objects of the schema `$1` depend. The depth is greater for an object that others need. */
const OBJECTS = `
with recursive place as (
  select case when $1 = 'pg_temp' then pg_my_temp_schema() else (select oid from pg_namespace where nspname = $1) end as oid),
needs(classid, objid, depth) as (
  select cast('pg_class' as regclass), c.oid, 0 from pg_class c join place p on c.relnamespace = p.oid
  union select cast('pg_constraint' as regclass), k.oid, 0 from pg_constraint k join place p on k.connamespace = p.oid
  union select cast('pg_attrdef' as regclass), d.oid, 0
    from pg_attrdef d join pg_class c on c.oid = d.adrelid join place p on c.relnamespace = p.oid
  union
  select d.classid, d.objid, n.depth + 1
  from needs n
  cross join lateral (
    select d.refclassid as classid, d.refobjid as objid
    from pg_depend d
    left join pg_class c on d.refclassid = cast('pg_class' as regclass) and c.oid = d.refobjid
    where d.classid = n.classid and d.objid = n.objid and d.deptype in ('n', 'a', 'i')
      and d.refclassid <> cast('pg_namespace' as regclass)
      and (c.oid is null or c.relkind in ('c', 'S'))
    union all
    select cast('pg_constraint' as regclass), k.oid
    from pg_constraint k
    where n.classid = cast('pg_type' as regclass) and k.contypid = n.objid) d
  where n.depth < 50),
wanted as (
  select classid, objid, max(depth) as depth from needs n
  where not exists (
    select from pg_depend m where m.classid = n.classid and m.objid = n.objid and m.deptype = 'e')
  group by classid, objid),
home as (select oid, quote_ident(nspname) as name from pg_namespace where nspname = $2),
found as (
  select w.depth, 'sequence' as kind, quote_ident(c.relname) as name, '' as body,
    json_build_object('type', format_type(s.seqtypid, null), 'start', cast(s.seqstart as text), 'increment', cast(s.seqincrement as text),
      'min', cast(s.seqmin as text), 'max', cast(s.seqmax as text), 'cache', cast(s.seqcache as text), 'cycle', s.seqcycle) as options,
    null as prefix
  from wanted w join pg_class c on c.oid = w.objid join home h on h.oid = c.relnamespace join pg_sequence s on s.seqrelid = c.oid
  where w.classid = cast('pg_class' as regclass)
  union all
  select w.depth, case t.typtype when 'd' then 'domain' else 'type' end, quote_ident(t.typname),
    case t.typtype
      when 'e' then 'CREATE TYPE ' || quote_ident(t.typname) || ' AS ENUM (' || (
        select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) || ')'
      when 'd' then 'CREATE DOMAIN ' || quote_ident(t.typname) || ' AS ' || format_type(t.typbasetype, t.typtypmod)
        || coalesce((
          select ' COLLATE ' || quote_ident(l.collname) from pg_collation l join pg_type b on b.oid = t.typbasetype
          where l.oid = t.typcollation and l.oid <> b.typcollation), '')
        || coalesce(' DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)), '')
        || case when t.typnotnull then ' NOT NULL' else '' end
        || coalesce((
          select string_agg(' CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid, true), '' order by k.conname)
          from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '')
      when 'r' then (
        select 'CREATE TYPE ' || quote_ident(t.typname) || ' AS RANGE (SUBTYPE = ' || format_type(r.rngsubtype, null) || ')'
        from pg_range r where r.rngtypid = t.oid)
      else 'CREATE TYPE ' || quote_ident(t.typname) || ' AS (' || coalesce((
        select string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
        from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '') || ')' end,
    null, null
  from wanted w join pg_type t on t.oid = w.objid join home h on h.oid = t.typnamespace
  left join pg_class c on c.oid = t.typrelid
  where w.classid = cast('pg_type' as regclass) and (t.typtype in ('e', 'd', 'r') or (t.typtype = 'c' and c.relkind = 'c'))
  union all
  select w.depth, 'function', quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    pg_get_functiondef(p.oid), null, h.name
  from wanted w join pg_proc p on p.oid = w.objid join home h on h.oid = p.pronamespace
  where w.classid = cast('pg_proc' as regclass) and p.prokind = 'f'
  union all
  select w.depth, 'collation', quote_ident(l.collname),
    'CREATE COLLATION ' || quote_ident(l.collname) || ' ('
      || 'PROVIDER = ' || case l.collprovider when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end
      || case when l.collprovider = 'c' then ', LC_COLLATE = ' || quote_literal(l.collcollate) || ', LC_CTYPE = ' || quote_literal(l.collctype)
        else ', LOCALE = ' || quote_literal(coalesce(j.own ->> 'colllocale', j.own ->> 'colliculocale', l.collcollate)) end
      || case when l.collisdeterministic then '' else ', DETERMINISTIC = false' end
      || coalesce(', RULES = ' || quote_literal(j.own ->> 'collicurules'), '') || ')',
    null, null
  from wanted w join pg_collation l on l.oid = w.objid join home h on h.oid = l.collnamespace
  cross join lateral (select to_jsonb(l) as own) j
  where w.classid = cast('pg_collation' as regclass))
select json_agg(json_build_object('kind', kind, 'name', name, 'create', body, 'options', options, 'prefix', prefix)
  order by depth desc, kind, name)
from found`;
