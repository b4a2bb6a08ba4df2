/**
 * The definition of a table `c`, which includes its partitions. A not-null
 * constraint is a property of its column on every version of the server, and
 * counts once it is validated.
 */
const DEFINITION = `
  'name', c.relname,
  'comment', obj_description(c.oid, 'pg_class'),
  'columns', (
    select coalesce(json_agg(json_build_object(
      'name', a.attname,
      'type', format_type(a.atttypid, a.atttypmod),
      'nullable', not (a.attnotnull and coalesce(n.convalidated, true)),
      'default', case when s.serial is not true then pg_get_expr(d.adbin, d.adrelid) end,
      'comment', col_description(c.oid, a.attnum),
      'values', (
        select json_agg(e.enumlabel order by e.enumsortorder)
        from pg_enum e where e.enumtypid in (t.oid, t.typelem)),
      'collation', case when a.attcollation <> t.typcollation then (select quote_ident(l.collname) from pg_collation l where l.oid = a.attcollation) end,
      'generated', case
        when a.attidentity = 'a' then 'always' when a.attidentity = 'd' then 'by default'
        when a.attgenerated = 's' then 'stored' when a.attgenerated = 'v' then 'virtual'
        when s.serial then 'serial' end,
      'sequence', (
        select json_build_object('name', quote_ident(q.relname), 'type', format_type(v.seqtypid, null), 'start', cast(v.seqstart as text),
          'increment', cast(v.seqincrement as text), 'min', cast(v.seqmin as text), 'max', cast(v.seqmax as text),
          'cache', cast(v.seqcache as text), 'cycle', v.seqcycle)
        from pg_sequence v
        join pg_class q on q.oid = v.seqrelid
        where v.seqrelid = s.objid),
      'notNullName', n.conname,
      'unvalidated', case when not n.convalidated then n.conname end) order by a.attnum), '[]')
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join pg_constraint n on n.conrelid = a.attrelid and n.contype = 'n' and n.conkey[1] = a.attnum
    left join lateral (
      select o.objid, o.deptype = 'a' and d.adbin is not null as serial
      from pg_depend o
      where o.classid = 'pg_class'::regclass and o.refclassid = 'pg_class'::regclass and o.refobjid = a.attrelid
        and o.refobjsubid = a.attnum and o.deptype in ('a', 'i') and exists (select from pg_sequence v where v.seqrelid = o.objid)
      limit 1) s on true
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'constraints', (
    select coalesce(json_agg(json_build_object(
      'kind', case k.contype when 'p' then 'primary' when 'u' then 'unique' when 'c' then 'check' when 'f' then 'foreign' else 'exclusion' end,
      'name', k.conname,
      'columns', (
        select coalesce(json_agg(a.attname order by n.place), '[]')
        from unnest(k.conkey) with ordinality as n(number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.number),
      'table', (select relname from pg_class where oid = k.confrelid),
      'references', (
        select json_agg(a.attname order by n.place)
        from unnest(k.confkey) with ordinality as n(number, place)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n.number),
      'definition', regexp_replace(pg_get_constraintdef(k.oid, true), ' NOT VALID$', ''),
      'validated', k.convalidated) order by k.contype, k.conname), '[]')
    from pg_constraint k
    where k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f', 'x') and k.conparentid = 0),
  'indexes', (
    select coalesce(json_agg(json_build_object(
      'name', i.relname,
      'unique', x.indisunique,
      'columns', (
        select coalesce(json_agg(distinct a.attname), '[]')
        from pg_depend o
        join pg_attribute a on a.attrelid = o.refobjid and a.attnum = o.refobjsubid
        where o.classid = 'pg_class'::regclass and o.objid = x.indexrelid
          and o.refclassid = 'pg_class'::regclass and o.refobjid = c.oid and o.refobjsubid > 0),
      'definition', case when i.reloptions is null then d.body
        else regexp_replace(d.body, ' WITH \\([a-z_]+=[^)]*\\)', '') end,
      'storage', array_to_string(i.reloptions, ', '),
      'valid', x.indisvalid) order by i.relname), '[]')
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    cross join lateral (
      select substr(pg_get_indexdef(x.indexrelid, 0, true), 17 + length(quote_ident(i.relname)) + length(quote_ident(c.relname))) as whole) f
    cross join lateral (select substr(f.whole, strpos(f.whole, ' USING ') + 1) as body) d
    where x.indrelid = c.oid
      and not exists (select from pg_constraint k where k.conrelid = x.indrelid and k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))),
  'partition', case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
  'parts', (
    select coalesce(json_agg(json_build_object(
      'name', p.relname, 'bound', pg_get_expr(p.relpartbound, p.oid)) order by p.relname), '[]')
    from pg_inherits h
    join pg_class p on p.oid = h.inhrelid
    where h.inhparent = c.oid and p.relispartition),
  'usedColumns', c.relnatts`;

/** What belongs to a table `c` or depends on it. */
const DEPENDENTS = `
  'views', (
    select coalesce(json_agg(json_build_object(
      'name', v.oid::regclass::text,
      'columns', v.columns,
      'kind', case v.relkind when 'm' then 'materialized view' else 'view' end,
      'definition', rtrim(pg_get_viewdef(v.oid, true), ';')) order by v.oid), '[]')
    from (
      select v.oid, v.relkind, coalesce(json_agg(distinct a.attname) filter (where a.attname is not null), '[]') as columns
      from pg_depend o
      join pg_rewrite r on r.oid = o.objid
      join pg_class v on v.oid = r.ev_class
      left join pg_attribute a on a.attrelid = o.refobjid and a.attnum = o.refobjsubid and o.refobjsubid > 0
      where o.classid = 'pg_rewrite'::regclass and o.refclassid = 'pg_class'::regclass
        and o.refobjid = c.oid and v.relkind in ('v', 'm')
      group by v.oid, v.relkind) v),
  'triggers', (
    select coalesce(json_agg(json_build_object(
      'name', g.tgname,
      'columns', (
        select coalesce(json_agg(distinct a.attname), '[]')
        from pg_depend o
        join pg_attribute a on a.attrelid = o.refobjid and a.attnum = o.refobjsubid
        where o.classid = 'pg_trigger'::regclass and o.objid = g.oid
          and o.refclassid = 'pg_class'::regclass and o.refobjid = c.oid and o.refobjsubid > 0),
      'definition', pg_get_triggerdef(g.oid, true)) order by g.tgname), '[]')
    from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal),
  'dependents', (
    select coalesce(json_agg(json_build_object(
      'description', o.description, 'kind', o.kind, 'table', o.owner, 'columns', o.columns, 'blocksDrop', o.blocks) order by o.description), '[]')
    from (
      select pg_describe_object(o.classid, o.objid, 0) as description,
        case o.classid
          when 'pg_policy'::regclass then 'policy' when 'pg_statistic_ext'::regclass then 'statistics'
          when 'pg_publication_rel'::regclass then 'publication' when 'pg_rewrite'::regclass then 'rule'
          when 'pg_proc'::regclass then 'function' else 'table' end as kind,
        o.owner,
        coalesce(json_agg(distinct o.attname) filter (where o.attname is not null), '[]') as columns,
        not bool_or(o.deptype in ('a', 'i')) as blocks
      from (
        select o.classid, o.objid, o.deptype,
          case o.classid
            when 'pg_policy'::regclass then (select l.relname from pg_policy y join pg_class l on l.oid = y.polrelid where y.oid = o.objid)
            when 'pg_rewrite'::regclass then (select l.relname from pg_rewrite w join pg_class l on l.oid = w.ev_class where w.oid = o.objid and l.relkind in ('r', 'p'))
            when 'pg_class'::regclass then (select l.relname from pg_class l where l.oid = o.objid and l.relkind in ('r', 'p', 'f') and not l.relispartition and l.oid <> c.oid)
            end as owner,
          case when o.refclassid = 'pg_class'::regclass and o.refobjsubid > 0 then (
            select a.attname from pg_attribute a where a.attrelid = o.refobjid and a.attnum = o.refobjsubid) end as attname
        from pg_depend o
        where ((o.refclassid = 'pg_class'::regclass and o.refobjid = c.oid)
            or (o.refclassid = 'pg_type'::regclass and o.refobjid = c.reltype))
          and o.classid in ('pg_policy'::regclass, 'pg_statistic_ext'::regclass, 'pg_publication_rel'::regclass, 'pg_proc'::regclass,
            'pg_rewrite'::regclass, 'pg_class'::regclass)
        offset 0) o
      where o.owner is not null or o.classid not in ('pg_rewrite'::regclass, 'pg_class'::regclass)
      group by o.classid, o.objid, o.owner) o),
  'replicaIdentity', (
    select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
    where c.relreplident = 'i' and x.indrelid = c.oid and x.indisreplident),
  'grantees', (
    select coalesce(json_agg(distinct case x.grantee when 0 then 'everyone' else pg_get_userbyid(x.grantee) end), '[]')
    from aclexplode(c.relacl) x where x.grantee <> c.relowner)`;

const FROM = `from (
  select set_config('search_path', coalesce($3, current_setting('search_path')), true) as path
  offset 0) pinned,
  pg_class c
join pg_namespace n on n.oid = c.relnamespace
where pinned.path is not null
  and n.oid = case when $1 = 'pg_temp' then pg_my_temp_schema() else (select oid from pg_namespace where nspname = $1) end
  and c.relkind in ('r', 'p') and not c.relispartition
  and ($2::text is null or c.relname in (select json_array_elements_text(cast($2 as json))))
order by c.relname`;

/**
 * One JSON object for each table: its definition. `$1` is the schema, `$2` the
 * names of the tables (all if null), and `$3` the search path that determines
 * how names in expressions are written (that of the session if null). The server
 * takes longer to plan such statements than to run them.
 */
export const DEFINITIONS: string = `
select json_build_object(${DEFINITION})
${FROM}`;

/** The same, with what belongs to the tables or depends on them. */
export const CATALOG: string = `
select json_build_object(${DEFINITION},${DEPENDENTS})
${FROM}`;
