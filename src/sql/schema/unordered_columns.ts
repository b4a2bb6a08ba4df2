import type { AnyModel } from "../../model/types.ts";
import { named } from "../codec/quote.ts";
import type { Collations } from "../codec/collations.ts";
import type { SqlLink } from "../link/link.ts";
import { COLLATION_BY_CODE_POINT } from "./read_collations.ts";

/** A column of text whose indexes order it by another collation than C. */
interface Unordered {
  readonly table: string;
  readonly column: string;
  readonly collation: string;
  readonly indexes: readonly string[];
}

/** The columns that begin an index, but none that orders text by code point; `$1` is the names of the tables as JSON, `$2` their schema. */
const UNORDERED = `
with keys as (
  select c.relname as table, a.attname as column, i.relname as index, l.collname as collation, ${COLLATION_BY_CODE_POINT} as serves
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_index x on x.indrelid = c.oid
  join pg_catalog.pg_class i on i.oid = x.indexrelid
  join pg_catalog.pg_am m on m.oid = i.relam and m.amname = 'btree'
  join pg_catalog.pg_opclass o on o.oid = x.indclass[0] and o.opcdefault
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
  join pg_catalog.pg_collation l on l.oid = x.indcollation[0]
  where c.relname in (select cast(json_array_elements_text(cast($1 as json)) as name)) and case when $2::text is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname = $2 end)
select json_build_object('table', k.table, 'column', k.column, 'collation', min(k.collation), 'indexes', json_agg(k.index order by k.index))
from keys k group by k.table, k.column having not bool_or(k.serves)
order by k.table, k.column`;

/**
 * Describes the columns of text whose indexes cannot serve reads by order, in
 * one text; empty if there are none. Asks the database only if a column has
 * another collation than C.
 */
export async function unorderedColumns(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
  collations: Pick<Collations, "needsC">,
): Promise<readonly string[]> {
  const affected = new Set(
    models.flatMap(({ table, fields }) =>
      fields.filter((field) => collations.needsC(field))
        .map(({ column }) => `${table}.${column}`)
    ),
  );
  if (affected.size === 0) return [];
  const found: Unordered[] = [];
  await link.query({
    text: UNORDERED,
    values: [
      JSON.stringify(models.map(({ table }) => table)),
      schema ?? null,
    ],
  }, ([json]) => void found.push(JSON.parse(String(json))));
  const columns = found.filter(({ table, column }) =>
    affected.has(`${table}.${column}`)
  );
  return columns.length === 0 ? [] : [unorderedText(columns)];
}

function unorderedText(columns: readonly Unordered[]): string {
  const [{ column: example } = { column: "oid" }] = columns;
  const list = columns.map(({ table, column, collation, indexes }) =>
    `${table}.${column} (${indexes.join(", ")}: collation ${collation})`
  );
  return `Reads in the order of these columns cannot use an index, because its collation does not order text by code point, and the server sorts all matching rows: ${
    list.join("; ")
  }. For large tables, add an index with a part like { sql: '${
    named(example)
  } collate "C"' } to the model, or name the collation of the column in the model: it then orders the field`;
}
