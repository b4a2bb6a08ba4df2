import type * as kysely from "kysely";
import {
  type CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RootOperationNode,
} from "kysely";
import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import type { TransactionOptions } from "../query/executor.ts";
import type { SqlDriver, SqlLink, SqlTransaction } from "./link.ts";
import { arrayText, readerByOid, textOf } from "./types.ts";

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

/** How Kysely reaches a database: through a driver, or inside a transaction that is open already. */
export function createKysely(
  driver: Pick<SqlDriver, "query"> & Partial<Pick<SqlDriver, "begin">>,
  schema: string | undefined,
): UntypedKysely {
  const db = new Kysely<Record<string, Record<string, unknown>>>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => linkDriver(driver),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return schema === undefined ? db : db.withSchema(schema);
}

/** A select of a model's rows, decoded like `findAll`. */
export function selectOf(
  db: UntypedKysely,
  model: AnyModel,
): unknown {
  const names = new Map(model.fields.map(({ column, name }) => [column, name]));
  return db.withPlugin({
    transformQuery: ({ node }): RootOperationNode => node,
    transformResult: ({ result }) =>
      Promise.resolve({
        ...result,
        rows: result.rows.map((row) => {
          const made: object = Object.create(model.prototype);
          for (const [column, value] of Object.entries(row)) {
            Reflect.set(made, names.get(column) ?? column, value);
          }
          return made as kysely.UnknownRow;
        }),
      }),
  }).selectFrom(model.table).selectAll();
}

/** A connection of Kysely's: the driver, or one transaction. */
class LinkConnection implements kysely.DatabaseConnection {
  tx: SqlTransaction | undefined;

  constructor(readonly link: SqlLink) {}

  async executeQuery<R>(
    { sql, parameters }: CompiledQuery,
  ): Promise<kysely.QueryResult<R>> {
    const raw: (readonly (string | null)[])[] = [];
    const { count, columns } = await (this.tx ?? this.link).query(
      { text: sql, values: parameters.map(parameterText) },
      (row) => raw.push(row),
    );
    const readers = columns.map(({ name, dataTypeID }) => ({
      name,
      read: readerByOid(dataTypeID),
    }));
    const rows = raw.map((texts) => {
      const row: Record<string, unknown> = {};
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
    throw new Error(
      "Kysely's stream() is not supported; use db.query(Model).stream()",
    );
  }
}

function linkDriver(
  driver: Pick<SqlDriver, "query"> & Partial<Pick<SqlDriver, "begin">>,
): kysely.Driver {
  const transaction = (
    connection: kysely.DatabaseConnection,
  ): LinkConnection => {
    if (connection instanceof LinkConnection) return connection;
    throw new TypeError("A connection of another driver");
  };
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(new LinkConnection(driver)),
    async beginTransaction(connection, settings) {
      const begin = driver.begin;
      if (begin === undefined) {
        throw new Error(
          "Kysely's transaction() inside a transaction: use tx.transaction(…) for a savepoint",
        );
      }
      transaction(connection).tx = await begin(optionsOf(settings));
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
    return arrayText({ kind: "string" }, value.map(parameterText));
  }
  if (value instanceof Date) return textOf({ kind: "date" }, value);
  if (value instanceof Uint8Array) return `\\x${value.toHex()}`;
  if (typeof value === "boolean") return textOf({ kind: "boolean" }, value);
  return typeof value === "object"
    ? textOf({ kind: "json" }, value)
    : String(value);
}
