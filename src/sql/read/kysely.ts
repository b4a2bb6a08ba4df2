import type * as kysely from "kysely";
import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import { QueryError, TransactionError } from "../../base/errors/mod.ts";
import type { AnyModel, InsertOf, RowOf } from "../../model/types.ts";
import type { TransactionOptions } from "../../query/statement/transaction_options.ts";
import type {
  Column,
  RawRow,
  SqlDriver,
  SqlLink,
  SqlTransaction,
} from "../link/link.ts";
import {
  nativeReader,
  writeArrayText,
  writeText,
} from "../codec/value_text.ts";

/** A model's table as Kysely's types have it. */
export type KyselyTable<M extends AnyModel> = {
  [F in keyof RowOf<M>]: kysely.ColumnType<
    RowOf<M>[F],
    F extends keyof InsertOf<M> ? InsertOf<M>[F] : never,
    RowOf<M>[F]
  >;
};

/** The tables of a connection's models, by the models' names. */
export type KyselyTables<Models extends readonly AnyModel[]> = {
  [M in Models[number] as M["name"]]: KyselyTable<M>;
};

/** Kysely without a model's types. */
export type UntypedKysely = kysely.Kysely<
  Record<string, Record<string, unknown>>
>;

/** What Kysely may be, and what it makes of rows. */
export interface KyselyOptions {
  /** Throws where it may not be used. */
  readonly assertUsable: () => void;
  /** How a column is read; by its type where undefined. */
  readonly reader?: (column: Column) => (text: string) => unknown;
  /** What rows inherit. */
  readonly prototype?: object;
}

/** Where Kysely's statements go; transactions are begun only where they can be. */
type Target = SqlLink & Partial<Pick<SqlDriver, "begin">>;

/** Kysely on a driver, or inside a transaction that is open already. */
export function createKysely(
  target: Target,
  schema: string | undefined,
  options: KyselyOptions,
): UntypedKysely {
  const db = new Kysely<Record<string, Record<string, unknown>>>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => linkDriver(target, options),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return schema === undefined ? db : db.withSchema(schema);
}

/** A connection of Kysely's: the target, or one transaction. */
class LinkConnection implements kysely.DatabaseConnection {
  tx: SqlTransaction | undefined;

  constructor(
    readonly target: Target,
    readonly options: KyselyOptions,
  ) {}

  async executeQuery<R>(
    { sql, parameters }: CompiledQuery,
  ): Promise<kysely.QueryResult<R>> {
    const {
      assertUsable,
      reader = ({ dataTypeID }) => nativeReader(dataTypeID),
      prototype = Object.prototype,
    } = this.options;
    assertUsable();
    const raw: RawRow[] = [];
    const { count, columns } = await (this.tx ?? this.target).query(
      { text: sql, values: parameters.map(parameterText) },
      (row) => raw.push(row),
    );
    const readers = columns.map((column) => ({
      name: column.name,
      read: reader(column),
    }));
    const rows = raw.map((texts) => {
      const row: Record<string, unknown> = Object.create(prototype);
      for (const [place, { name, read }] of readers.entries()) {
        const text = texts[place] ?? null;
        row[name] = text === null ? null : read(text);
      }
      return row;
    });
    return { rows: rows as R[], numAffectedRows: BigInt(count) };
  }

  // deno-lint-ignore require-yield -- the type asks for a generator, and this engine streams another way
  async *streamQuery<R>(): AsyncIterableIterator<kysely.QueryResult<R>> {
    throw new QueryError(
      "Kysely's stream() is not supported; use db.query(Model).stream()",
      { field: "stream" },
    );
  }
}

function linkDriver(target: Target, options: KyselyOptions): kysely.Driver {
  const transaction = (
    connection: kysely.DatabaseConnection,
  ): LinkConnection => {
    if (connection instanceof LinkConnection) return connection;
    throw new TypeError("A connection of another driver");
  };
  return {
    init: () => Promise.resolve(),
    acquireConnection: () =>
      Promise.resolve(new LinkConnection(target, options)),
    async beginTransaction(connection, settings) {
      options.assertUsable();
      if (target.begin === undefined) {
        throw new TransactionError(
          "Cannot begin Kysely's transaction inside one: use tx.transaction(…) for a savepoint",
        );
      }
      transaction(connection).tx = await target.begin(optionsOf(settings));
    },
    async commitTransaction(connection) {
      await transaction(connection).tx?.commit();
      transaction(connection).tx = undefined;
    },
    async rollbackTransaction(connection) {
      await transaction(connection).tx?.rollback();
      transaction(connection).tx = undefined;
    },
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
}

function optionsOf(
  { isolationLevel, accessMode }: kysely.TransactionSettings,
): TransactionOptions {
  const options: TransactionOptions = { readOnly: accessMode === "read only" };
  if (
    isolationLevel === "read committed" ||
    isolationLevel === "repeatable read" || isolationLevel === "serializable"
  ) {
    options.isolationLevel = isolationLevel;
  }
  return options;
}

/** A value whose column's type is not known, by its own. */
function parameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    return writeArrayText({ kind: "string" }, value.map(parameterText));
  }
  if (value instanceof Date) return writeText({ kind: "date" }, value);
  if (value instanceof Uint8Array) return `\\x${value.toHex()}`;
  if (typeof value === "boolean") return writeText({ kind: "boolean" }, value);
  return typeof value === "object"
    ? writeText({ kind: "json" }, value)
    : String(value);
}
