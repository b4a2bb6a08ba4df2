import type { SqlLink } from "../link/link.ts";
import { row, rows } from "../link/run.ts";
import { CATALOG, DEFINITIONS } from "./catalog.ts";
import type { SequenceOptions } from "./sequence_options.ts";

/** A sequence that belongs to a column. */
interface LiveSequence extends SequenceOptions {
  /** Its quoted name. */
  readonly name: string;
}

/** A column as the catalogs describe it. */
export interface LiveColumn {
  readonly name: string;
  readonly type: string;
  /** Whether it may be null; a not-null constraint that is not validated does not count. */
  readonly nullable: boolean;
  /** Its default or the expression that generates it; the sequence of a serial column does not count. */
  readonly default: string | null;
  readonly comment: string | null;
  /** The values of its type or element type if that is an enum. */
  readonly values: readonly string[] | null;
  /** Its collation if that is not the default of its type. */
  readonly collation: string | null;
  /** Whether an existing column may have any collation, because the model names none. */
  readonly anyCollation?: boolean;
  /** How the server generates its values: as an identity, from an expression, or from a sequence. */
  readonly generated:
    | "always"
    | "by default"
    | "stored"
    | "virtual"
    | "serial"
    | null;
  /** The sequence of its own. */
  readonly sequence: LiveSequence | null;
  /** The name of its not-null constraint (PostgreSQL 18). */
  readonly notNullName: string | null;
  /** The name of its not-null constraint if that is not validated (PostgreSQL 18). */
  readonly unvalidated: string | null;
}

/** A constraint as the catalogs describe it. */
export interface LiveConstraint {
  readonly kind: "primary" | "unique" | "check" | "foreign" | "exclusion";
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string | null;
  readonly references: readonly string[] | null;
  /** The clause of `ALTER TABLE … ADD CONSTRAINT` after the name. */
  readonly definition: string;
  readonly validated: boolean;
}

/** An index that does not belong to a constraint. */
export interface LiveIndex {
  readonly name: string;
  readonly unique: boolean;
  /** The columns that it depends on, those of its expressions included. */
  readonly columns: readonly string[];
  /** The clause of `CREATE INDEX … ON …` after the table, without storage parameters. */
  readonly definition: string;
  /** Its storage parameters, which models do not describe: `fillfactor=70`. */
  readonly storage: string | null;
  /** Whether its build finished. */
  readonly valid: boolean;
}

/** A partition as the catalogs describe it. */
export interface LivePart {
  readonly name: string;
  /** `FOR VALUES WITH (modulus 4, remainder 0)`. */
  readonly bound: string;
}

/** A view that uses a table. */
interface LiveView {
  /** Its quoted name, with its schema if that is another one. */
  readonly name: string;
  /** The columns that it uses. */
  readonly columns: readonly string[];
  readonly kind: "view" | "materialized view";
  /** Its query. */
  readonly definition: string;
}

/** A trigger of a table. */
interface LiveTrigger {
  readonly name: string;
  /** The columns in its definition; those in its function are unknown. */
  readonly columns: readonly string[];
  /** The statement that creates it. */
  readonly definition: string;
}

/** Another object that depends on a table or belongs to it. */
interface LiveDependent {
  /** The description of the server: `policy mine on table star`. */
  readonly description: string;
  readonly kind:
    | "policy"
    | "statistics"
    | "publication"
    | "rule"
    | "function"
    | "table";
  /** The table that it belongs to or is; null if there is none. */
  readonly table: string | null;
  /** The columns that it uses. */
  readonly columns: readonly string[];
  /** Whether it prevents the drop of the table. */
  readonly blocksDrop: boolean;
}

/** The definition of a table. */
interface TableDefinition {
  readonly name: string;
  readonly columns: readonly LiveColumn[];
  readonly constraints: readonly LiveConstraint[];
  readonly indexes: readonly LiveIndex[];
  readonly partition: string | null;
  readonly parts: readonly LivePart[];
  readonly comment: string | null;
  /** The number of its columns, dropped columns included. */
  readonly usedColumns: number;
}

/** What belongs to a table or depends on it. */
interface TableDependents {
  readonly views: readonly LiveView[];
  readonly triggers: readonly LiveTrigger[];
  readonly dependents: readonly LiveDependent[];
  /** The index that is its replica identity; null if it has none. */
  readonly replicaIdentity: string | null;
  /** The roles besides its owner that have privileges on it. */
  readonly grantees: readonly string[];
}

/** A table as the catalogs describe it. */
export interface LiveTable extends TableDefinition, TableDependents {}

const NO_DEPENDENTS: TableDependents = {
  views: [],
  triggers: [],
  dependents: [],
  replicaIdentity: null,
  grantees: [],
};

/**
 * Returns the tables of these names in a schema (default: all). The schema
 * `pg_temp` is that of the session.
 *
 * @param path the search path that determines how the server writes names
 * (default: that of the session); it stays set for the transaction
 */
export async function liveTables(
  link: SqlLink,
  schema: string,
  names: readonly string[] | undefined,
  path?: string,
): Promise<ReadonlyMap<string, LiveTable>> {
  return await read<LiveTable>(link, CATALOG, [schema, names, path]);
}

/**
 * Returns the same tables as if nothing depended on them, which takes the server
 * half of the time.
 */
export async function definedTables(
  link: SqlLink,
  schema: string,
  names: readonly string[] | undefined,
  path?: string,
): Promise<ReadonlyMap<string, LiveTable>> {
  const tables = await read<TableDefinition>(link, DEFINITIONS, [
    schema,
    names,
    path,
  ]);
  return new Map(
    [...tables].map(([name, table]) => [name, { ...table, ...NO_DEPENDENTS }]),
  );
}

async function read<T extends TableDefinition>(
  link: SqlLink,
  text: string,
  [schema, names, path]: readonly [
    schema: string,
    names: readonly string[] | undefined,
    path: string | undefined,
  ],
): Promise<Map<string, T>> {
  const list = names === undefined ? null : JSON.stringify(names);
  const found = await rows(link, text, [schema, list, path ?? null]);
  const tables = found.map(([json]): T => JSON.parse(String(json)));
  return new Map(tables.map((table) => [table.name, table]));
}

/** Returns the schema in which the server creates an object without a schema. */
export async function currentSchema(link: SqlLink): Promise<string> {
  const [schema] = await row(link, "select current_schema()");
  return schema ?? "public";
}
