// What the database says about the columns of a model's table, for whoever must
// know what a column does with a value: compare, cast or generate it.
//
//   const facts = createColumnFacts(schema);          // once for each connection
//   const columns = await facts.of(link, model);      // one query for each model, then cached
//   columns.get(field.column)?.baseType               // OID, see `OID` in codec/wire/types.ts
//   facts.forget(model);                              // after a SchemaError or a change of the table
import type { AnyModel } from "../../model/types.ts";
import type { SqlLink } from "../link/link.ts";
import { quotedPath } from "../codec/quote.ts";

/** What the catalogs say about a column. */
export interface ColumnFacts {
  /** The object identifier of its type. */
  readonly type: number;
  /** The type as SQL, with its modifier: `numeric(6,2)`. */
  readonly sqlType: string;
  /** The object identifier of the type below all domains; that of {@link ColumnFacts.type} if it is no domain. */
  readonly baseType: number;
  /** The modifier of the type, of its own or of a domain; -1 if it has none. For `varchar(n)` it is n + 4, for `timestamp(p)` p. */
  readonly modifier: number;
  /** What the base type is: `b` base, `c` composite, `e` enum, `r` range, `m` multirange. */
  readonly typeKind: string;
  /** The function that reads the binary format of the base type: `textrecv`, `enum_recv`. */
  readonly receiver: string;
  /** The object identifier of the items' type if the base type is an array; 0 otherwise. */
  readonly itemType: number;
  /** The collation, quoted and with its schema; undefined if the type has none. That of the database is `pg_catalog."default"`. */
  readonly collation: string | undefined;
  /** Whether texts are equal only if their bytes are; true if there is no collation. */
  readonly isDeterministic: boolean;
  /** Whether it may be null. */
  readonly isNullable: boolean;
  /** Whether it has a default, of its own or of a domain. */
  readonly hasDefault: boolean;
  /** Whether the server always generates its value, from an expression. */
  readonly isGenerated: boolean;
  /** How it is an identity: `always`, `by default`, or undefined. */
  readonly identity: "always" | "by default" | undefined;
}

/** The facts of the tables of one connection. */
export interface FactsOfModels {
  /** Returns the facts by column. Reads them once for each model; empty if the table is missing. */
  of(
    link: SqlLink,
    model: AnyModel,
  ): Promise<ReadonlyMap<string, ColumnFacts>>;
  /** Forgets the facts of a model, whose table changed. */
  forget(model: AnyModel): void;
}

const FACTS = `
with recursive columns as (
  select a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.atthasdef, a.attgenerated, a.attidentity
  from pg_catalog.pg_attribute a
  where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
), types as (
  select c.attname, t.oid, t.typtype, t.typbasetype, t.typelem, t.typlen, t.typreceive, c.atttypmod as modifier, t.typnotnull, t.typdefault is not null as has_default
  from columns c join pg_catalog.pg_type t on t.oid = c.atttypid
  union all
  select d.attname, t.oid, t.typtype, t.typbasetype, t.typelem, t.typlen, t.typreceive, greatest(d.modifier, o.typtypmod), d.typnotnull or t.typnotnull, d.has_default or t.typdefault is not null
  from types d join pg_catalog.pg_type o on o.oid = d.oid join pg_catalog.pg_type t on t.oid = d.typbasetype
  where d.typtype = 'd'
)
select c.attname, c.atttypid, pg_catalog.format_type(c.atttypid, c.atttypmod), t.oid, t.modifier, t.typtype,
  case when t.typlen = -1 then t.typelem else 0 end,
  case when l.oid is not null then pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname) end,
  coalesce(l.collisdeterministic, true), not (c.attnotnull or t.typnotnull), (c.atthasdef and c.attgenerated = '') or t.has_default, c.attgenerated <> '', c.attidentity,
  (select p.prosrc from pg_catalog.pg_proc p where p.oid = t.typreceive)
from columns c
join types t on t.attname = c.attname and t.typtype <> 'd'
left join pg_catalog.pg_collation l on l.oid = c.attcollation
left join pg_catalog.pg_namespace n on n.oid = l.collnamespace`;

/** Creates the facts of the tables of a schema, which are read when they are first needed. */
export function createColumnFacts(schema: string | undefined): FactsOfModels {
  const known = new WeakMap<
    AnyModel,
    Promise<ReadonlyMap<string, ColumnFacts>>
  >();
  return {
    of(link, model) {
      const facts = known.get(model) ??
        readFacts(link, quotedPath({ schema, name: model.table }));
      known.set(model, facts);
      facts.catch(() => known.delete(model));
      return facts;
    },
    forget: (model) => void known.delete(model),
  };
}

async function readFacts(
  link: SqlLink,
  table: string,
): Promise<ReadonlyMap<string, ColumnFacts>> {
  const facts = new Map<string, ColumnFacts>();
  const command = { text: FACTS, values: [table], isCatalogRead: true };
  await link.query(command, (row) => {
    const [name, type, sqlType, baseType, modifier, typeKind, itemType] = row;
    const [collation, deterministic, nullable, hasDefault, generated] = row
      .slice(7);
    facts.set(String(name), {
      type: Number(type),
      sqlType: String(sqlType),
      baseType: Number(baseType),
      modifier: Number(modifier),
      typeKind: String(typeKind),
      itemType: Number(itemType),
      receiver: row[13] ?? "",
      collation: collation ?? undefined,
      isDeterministic: deterministic === "t",
      isNullable: nullable === "t",
      hasDefault: hasDefault === "t",
      isGenerated: generated === "t",
      identity: IDENTITIES[row[12] ?? ""],
    });
  });
  return facts;
}

/** The values of `pg_attribute.attidentity`. */
const IDENTITIES: Readonly<Record<string, ColumnFacts["identity"]>> = {
  a: "always",
  d: "by default",
};
