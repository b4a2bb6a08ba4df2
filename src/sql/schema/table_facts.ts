// What the database says about the table of a model and about the rights of the
// role on it, for the writes that must find a way that the server allows.
import type { AnyModel } from "../../model/types.ts";
import { quotedPath } from "../codec/quote.ts";
import type { SqlLink } from "../link/link.ts";
import {
  COLUMN_FACTS,
  type ColumnFacts,
  columnFactsOf,
  type ColumnsJson,
} from "./column_facts.ts";

import {
  BIT,
  NO_SKIPS,
  readSkips,
  RULE,
  RULES,
  type Skips,
  skipsOf,
  TRIGGERS,
} from "./skips.ts";
import {
  createPositionIndexes,
  type PositionIndexes,
} from "./position_indexes.ts";

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
  /** Whether ON CONFLICT works: no unique key is deferrable, no trigger or rule replaces inserts or updates, and the table is not foreign. */
  readonly takesOnConflict: boolean;
  /** The writes that a row trigger, a rule, a policy, or a view can skip. */
  readonly skips: Skips;
  /** Whether the role may read all columns, the system's own included. */
  readonly isReadable: boolean;
  /** Whether the role may delete rows. */
  readonly isDeletable: boolean;
  /** Whether the role may lock it against changes of its columns. */
  readonly isLockable: boolean;
  /** Whether the role may create temporary tables. */
  readonly hasTemporary: boolean;
  /** Whether RETURNING can name the row before an update, as of version 18. */
  readonly returnsOld: boolean;
  /** The role, and the names of the database and of the table's schema. */
  readonly role: string;
  readonly database: string;
  readonly schema: string | undefined;
}

/** The facts of the tables of one connection. */
export interface FactsOfTables {
  /**
   * Returns the facts. Reads them once for each model, and each link itself: the
   * reading of another link may wait for the client of this one, or be aborted.
   */
  of(link: SqlLink, model: AnyModel): Promise<TableFacts>;
  /** Reads which writes can be skipped now. Forgets the facts of the model if they say something else. */
  skipsNow(link: SqlLink, model: AnyModel): Promise<Skips>;
  /** Returns the facts if they have been read. */
  known(model: AnyModel): TableFacts | undefined;
  /** Forgets the facts of a model, whose table or rights may have changed. If they have not, {@link of} returns the same object again. */
  forget(model: AnyModel): void;
  /** The position indexes of the tables. */
  readonly positions: PositionIndexes;
}

/** What {@link FACTS} returns. */
interface FactsJson
  extends Omit<TableFacts, "columns" | "rules" | "skips" | "takesOnConflict"> {
  /** The bits of all row triggers that can discard a row, those of its partitions included. */
  readonly triggers: number;
  /** The events of all rules. */
  readonly rules: string;
  readonly hasDeferrableKey: boolean;
  readonly columns: ColumnsJson | null;
}

const FACTS = `
select pg_catalog.json_build_object(
  'kind', c.relkind, 'hasPolicies', pg_catalog.row_security_active(c.oid),
  'triggers', ${TRIGGERS}, 'rules', ${RULES},
  'hasDeferrableKey', exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and not i.indimmediate),
  'isReadable', pg_catalog.has_table_privilege(c.oid, 'select'), 'isDeletable', pg_catalog.has_table_privilege(c.oid, 'delete'),
  'isLockable', pg_catalog.has_table_privilege(c.oid, case when pg_catalog.current_setting('server_version_num')::int < 160000 then 'update, delete, truncate' else 'insert, update, delete, truncate' end),
  'hasTemporary', pg_catalog.has_database_privilege(pg_catalog.current_database(), 'temporary'),
  'returnsOld', pg_catalog.current_setting('server_version_num')::int >= 180000,
  'role', current_user, 'database', pg_catalog.current_database(), 'schema', n.nspname,
  'columns', ${COLUMN_FACTS})::text
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = pg_catalog.to_regclass($1)`;

/** The facts of a missing table. */
const MISSING: TableFacts = {
  columns: new Map(),
  kind: undefined,
  hasPolicies: false,
  rules: { insert: false, update: false },
  takesOnConflict: true,
  skips: NO_SKIPS,
  isReadable: false,
  isDeletable: false,
  isLockable: false,
  hasTemporary: false,
  returnsOld: false,
  role: "",
  database: "",
  schema: undefined,
};

/** Creates the facts of the tables of a schema, which are read when they are first needed. */
export function createTableFacts(schema: string | undefined): FactsOfTables {
  const readings = new WeakMap<
    AnyModel,
    WeakMap<SqlLink, Promise<TableFacts>>
  >();
  const known = new WeakMap<AnyModel, TableFacts>();
  const latest = new WeakMap<AnyModel, FoundFacts>();
  const forget = (model: AnyModel): void => {
    readings.delete(model);
    known.delete(model);
  };
  return {
    of(link, model) {
      const ready = known.get(model);
      if (ready !== undefined) return Promise.resolve(ready);
      const reading = readings.get(model) ??
        new WeakMap<SqlLink, Promise<TableFacts>>();
      readings.set(model, reading);
      const running = reading.get(link);
      if (running !== undefined) return running;
      const facts = readFacts(link, model, schema, latest.get(model)).then(
        (found) => {
          latest.set(model, found);
          if (found.facts.kind === undefined) forget(model);
          else known.set(model, found.facts);
          return found.facts;
        },
      );
      reading.set(link, facts);
      facts.catch(() => reading.delete(link));
      return facts;
    },
    async skipsNow(link, model) {
      const skips = await readSkips(link, model, schema);
      const before = known.get(model)?.skips;
      const isSame = before?.insert === skips.insert &&
        before.update === skips.update && before.delete === skips.delete;
      if (!isSame) forget(model);
      return skips;
    },
    known: (model) => known.get(model),
    forget,
    positions: createPositionIndexes(schema),
  };
}

/** Facts, and their text. */
interface FoundFacts {
  readonly facts: TableFacts;
  readonly text: string;
}

const NONE: FoundFacts = { facts: MISSING, text: "null" };

async function readFacts(
  link: SqlLink,
  model: AnyModel,
  schema: string | undefined,
  before: FoundFacts = NONE,
): Promise<FoundFacts> {
  const table = quotedPath({ schema, name: model.table });
  let found = NONE;
  await link.query(
    { text: FACTS, values: [table], isCatalogRead: true },
    ([json]) => {
      const text = json ?? "null";
      found = text === before.text
        ? before
        : { facts: factsOf(JSON.parse(text)), text };
    },
  );
  return found;
}

function factsOf(
  { triggers, rules, hasDeferrableKey, columns, ...rest }: FactsJson,
): TableFacts {
  const hasRule = (event: keyof typeof RULE): boolean =>
    rules.includes(RULE[event]);
  const isIndirect = rest.hasPolicies || rest.kind === "v";
  return {
    ...rest,
    columns: columnFactsOf(columns ?? {}),
    rules: { insert: hasRule("insert"), update: hasRule("update") },
    takesOnConflict: rest.kind !== "f" && (triggers & BIT.instead) === 0 &&
      !hasDeferrableKey &&
      !hasRule("insert") && !hasRule("update"),
    skips: skipsOf({ isIndirect, triggers, rules }),
  };
}
