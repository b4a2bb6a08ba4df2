import type { SqlLink } from "../link/link.ts";
import { CATALOG } from "./catalog.ts";

/** A column as the catalogs have it. */
export interface LiveColumn {
  readonly name: string;
  readonly type: string;
  /** Whether null may stand in it; a not-null rule that is not validated yet proves nothing. */
  readonly nullable: boolean;
  /** Its default, or what it is generated from; the sequence of a serial column is no default. */
  readonly default: string | null;
  readonly comment: string | null;
  /** The values of its type, or of the elements of its type, where that is an enum. */
  readonly values: readonly string[] | null;
  /** Where it is not the one of its type. */
  readonly collation: string | null;
  /** By what the server makes its values: an identity, an expression, a sequence of its own. */
  readonly made:
    | "always"
    | "by default"
    | "stored"
    | "virtual"
    | "serial"
    | null;
  /** The name of its not-null rule (PostgreSQL 18). */
  readonly rule: string | null;
  /** The same where it is not validated yet, by name (PostgreSQL 18). */
  readonly unproven: string | null;
}

/** A constraint as the catalogs have it; expressions in the server's own spelling. */
export interface LiveConstraint {
  readonly kind: "primary" | "unique" | "check" | "foreign" | "exclusion";
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string | null;
  readonly table: string | null;
  readonly references: readonly string[] | null;
  readonly onDelete: string;
  readonly onUpdate: string;
  /** All of it but its name and whether it is validated, as `alter table … add constraint` takes it. */
  readonly definition: string;
  readonly validated: boolean;
}

/** An index that no constraint brought, as the catalogs have it. */
export interface LiveIndex {
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly parts: readonly string[];
  readonly include: readonly string[];
  readonly where: string | null;
  /** The columns that go with it, those of its expressions too. */
  readonly columns: readonly string[];
  /** All of it after the table but its storage parameters, as `create index … on …` takes it. */
  readonly definition: string;
  /** Its storage parameters, which no model says: `fillfactor=70`. */
  readonly storage: string | null;
  /** Whether it was built to its end. */
  readonly valid: boolean;
}

/** A partition as the catalogs have it. */
export interface LivePart {
  readonly name: string;
  /** `FOR VALUES WITH (modulus 4, remainder 0)`. */
  readonly bound: string;
}

/** A view over a table. */
export interface LiveView {
  /** As SQL has it, with its schema where that is another one. */
  readonly name: string;
  /** The columns that it needs. */
  readonly columns: readonly string[];
  readonly kind: "view" | "materialized view";
  /** Its query. */
  readonly definition: string;
}

/** A trigger of a table. */
export interface LiveTrigger {
  readonly name: string;
  /** The columns that it names itself; what its function names nobody knows. */
  readonly columns: readonly string[];
  /** The statement that makes it. */
  readonly definition: string;
}

/** What needs a table, or belongs to it, and no model describes. */
export interface LiveOther {
  /** As the server says it: `policy mine on table star`. */
  readonly what: string;
  readonly kind:
    | "policy"
    | "statistics"
    | "publication"
    | "rule"
    | "function"
    | "table";
  /** The table that it belongs to, or that it is; null where there is none. */
  readonly table: string | null;
  /** The columns that it names. */
  readonly columns: readonly string[];
  /** Whether the table cannot go before it does, with which it does not go. */
  readonly holds: boolean;
}

/** A table as the catalogs have it. */
export interface LiveTable {
  readonly name: string;
  readonly columns: readonly LiveColumn[];
  readonly constraints: readonly LiveConstraint[];
  readonly indexes: readonly LiveIndex[];
  readonly partition: string | null;
  readonly partitions: number;
  readonly parts: readonly LivePart[];
  readonly comment: string | null;
  readonly views: readonly LiveView[];
  readonly triggers: readonly LiveTrigger[];
  readonly others: readonly LiveOther[];
  /** How many columns it has had, those that were dropped too. */
  readonly places: number;
  /** The index, or the key's, by which replicas find its rows; null where none was named. */
  readonly identity: string | null;
  /** The roles besides its owner that may do something with it. */
  readonly readers: readonly string[];
}

/**
 * The tables of these names in a schema, as the catalogs have them; every one
 * where `names` is undefined. `pg_temp` is this session's own.
 *
 * @param path the search path by which the server writes names, for this
 * transaction; its own where undefined
 */
export async function liveTables(
  link: SqlLink,
  schema: string,
  names: readonly string[] | undefined,
  path?: string,
): Promise<ReadonlyMap<string, LiveTable>> {
  const tables = new Map<string, LiveTable>();
  const list = names === undefined ? null : JSON.stringify(names);
  await link.query(
    { text: CATALOG, values: [schema, list, path ?? null] },
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
