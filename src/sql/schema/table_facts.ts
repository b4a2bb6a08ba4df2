// What the database says about the table of a model and about the rights of the
// role on it, for the writes that must find a way that the server allows.
import type { AnyModel } from "../../model/types.ts";
import { quotedPath } from "../codec/quote.ts";
import type { SqlLink } from "../link/link.ts";
import {
  type ColumnFacts,
  createColumnFacts,
  type FactsOfModels,
} from "./column_facts.ts";

/** The rights of a role on a column. */
export interface ColumnRights {
  readonly select: boolean;
  readonly insert: boolean;
  readonly update: boolean;
}

/** What the catalogs say about a table. */
export interface TableFacts {
  /** Its columns. */
  readonly columns: ReadonlyMap<string, ColumnFacts>;
  /** `r` table, `p` partitioned table, `v` view, `f` foreign table; undefined if it is missing. */
  readonly kind: string | undefined;
  /** Whether a policy of row-level security applies to the role. */
  readonly hasPolicies: boolean;
  /** The writes that rewrite rules (`create rule`) change. */
  readonly rules: { readonly insert: boolean; readonly update: boolean };
  /** Whether a trigger replaces its writes (INSTEAD OF). */
  readonly isReplaced: boolean;
  /** Whether ON CONFLICT works: no unique key is deferrable, no trigger or rule replaces inserts or updates, and the table is not foreign. */
  readonly takesOnConflict: boolean;
  /** The writes that a row trigger, a rule, a policy, or a view can skip. */
  readonly skips: {
    readonly insert: boolean;
    readonly update: boolean;
    readonly delete: boolean;
  };
  /** Whether the role may read all columns, the system's own included. */
  readonly isReadable: boolean;
  /** Whether the role may delete rows. */
  readonly isDeletable: boolean;
  /** Whether the role may lock it against changes of its columns. */
  readonly isLockable: boolean;
  /** Whether the role may create temporary tables. */
  readonly hasTemporary: boolean;
  /** The rights by column. */
  readonly rights: ReadonlyMap<string, ColumnRights>;
  /** The role, and the names of the database and of the table's schema. */
  readonly role: string;
  readonly database: string;
  readonly schema: string | undefined;
}

/** The facts of the tables of one connection. */
export interface FactsOfTables {
  /** Returns the facts. Reads them once for each model. */
  of(link: SqlLink, model: AnyModel): Promise<TableFacts>;
  /** Returns the facts if they have been read. */
  known(model: AnyModel): TableFacts | undefined;
  /** Forgets the facts of a model, whose table or rights may have changed. */
  forget(model: AnyModel): void;
}

/** Bits of `pg_trigger.tgtype`. */
const BIT = {
  row: 1,
  before: 2,
  insert: 4,
  delete: 8,
  update: 16,
  instead: 64,
};

/** The table and those that inherit from it, its partitions included, which can have triggers of their own. */
const DESCENDANTS =
  `(with recursive below(oid) as (select c.oid union select i.inhrelid from below b join pg_catalog.pg_inherits i on i.inhparent = b.oid) select oid from below)`;

const skips = (event: number): string =>
  `exists (select from pg_catalog.pg_trigger t where (t.tgrelid = c.oid or (c.relhassubclass and t.tgrelid in ${DESCENDANTS})) and not t.tgisinternal and t.tgenabled <> 'D' and (t.tgtype & ${BIT.row}) <> 0 and (t.tgtype & ${
    BIT.before | BIT.instead
  }) <> 0 and (t.tgtype & ${event}) <> 0)`;

/** Values of `pg_rewrite.ev_type`. */
const RULE = { update: 2, insert: 3, delete: 4 };

const hasRule = (event: number): string =>
  `exists (select from pg_catalog.pg_rewrite w where w.ev_class = c.oid and w.ev_type = '${event}' and w.ev_enabled <> 'D')`;

const right = (name: string): string =>
  `pg_catalog.has_column_privilege(c.oid, a.attnum, '${name}')`;

const FACTS = `
select c.relkind, pg_catalog.row_security_active(c.oid), ${
  hasRule(RULE.insert)
},
  exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid and (t.tgtype & ${BIT.instead}) <> 0 and t.tgenabled <> 'D'),
  exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and not i.indimmediate),
  ${skips(BIT.insert)}, ${skips(BIT.update)}, ${skips(BIT.delete)},
  pg_catalog.has_table_privilege(c.oid, 'select'), pg_catalog.has_table_privilege(c.oid, 'delete'),
  pg_catalog.has_table_privilege(c.oid, case when pg_catalog.current_setting('server_version_num')::int < 160000 then 'update, delete, truncate' else 'insert, update, delete, truncate' end),
  pg_catalog.has_database_privilege(pg_catalog.current_database(), 'temporary'),
  current_user, pg_catalog.current_database(), n.nspname,
  (select pg_catalog.json_object_agg(a.attname, pg_catalog.json_build_object('select', ${
  right("select")
}, 'insert', ${right("insert")}, 'update', ${
  right("update")
})) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text,
  ${hasRule(RULE.update)}, ${hasRule(RULE.delete)}
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = pg_catalog.to_regclass($1)`;

/** Creates the facts of the tables of a schema, which are read when they are first needed. */
export function createTableFacts(schema: string | undefined): FactsOfTables {
  const columns = createColumnFacts(schema);
  const reading = new WeakMap<AnyModel, Promise<TableFacts>>();
  const known = new WeakMap<AnyModel, TableFacts>();
  const forget = (model: AnyModel): void => {
    columns.forget(model);
    reading.delete(model);
    known.delete(model);
  };
  return {
    of(link, model) {
      const running = reading.get(model);
      if (running !== undefined) return running;
      const facts = readFacts(link, model, schema, columns).then((found) => {
        if (found.kind === undefined) forget(model);
        else known.set(model, found);
        return found;
      });
      reading.set(model, facts);
      facts.catch(() => forget(model));
      return facts;
    },
    known: (model) => known.get(model),
    forget,
  };
}

async function readFacts(
  link: SqlLink,
  model: AnyModel,
  schema: string | undefined,
  columns: FactsOfModels,
): Promise<TableFacts> {
  const table = quotedPath({ schema, name: model.table });
  let found: readonly (string | null)[] = [];
  await link.query(
    { text: FACTS, values: [table], isCatalogRead: true },
    (row) => void (found = row),
  );
  const is = (index: number): boolean => found[index] === "t";
  const kind = found[0] ?? undefined;
  const isReplaced = is(3);
  const rules = { insert: is(2), update: is(16) };
  const isIndirect = is(1) || kind === "v";
  const rights: Record<string, ColumnRights> = JSON.parse(found[15] ?? "{}");
  return {
    columns: kind === undefined ? new Map() : await columns.of(link, model),
    kind,
    hasPolicies: is(1),
    rules,
    isReplaced,
    takesOnConflict: kind !== "f" && !isReplaced && !is(4) &&
      !rules.insert && !rules.update,
    skips: {
      insert: is(5) || rules.insert || isIndirect,
      update: is(6) || rules.update || isIndirect,
      delete: is(7) || is(17) || isIndirect,
    },
    isReadable: is(8),
    isDeletable: is(9),
    isLockable: is(10),
    hasTemporary: is(11),
    rights: new Map(Object.entries(rights)),
    role: found[12] ?? "",
    database: found[13] ?? "",
    schema: found[14] ?? undefined,
  };
}
