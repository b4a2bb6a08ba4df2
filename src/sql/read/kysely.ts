import type * as kysely from "kysely";
import {
  callsUnfinished,
  QueryError,
  transactionEnded,
  TransactionError,
} from "../../base/errors/mod.ts";
import { hasUnfinished } from "../../base/has_unfinished.ts";
import {
  type CallScope,
  createCallScope,
  type RunCall,
} from "../../base/call_scope.ts";
import type { AnyModel, InsertOf, RowOf } from "../../model/types.ts";
import type {
  BeginOptions,
  Column,
  SqlDriver,
  SqlLink,
  SqlTransaction,
} from "../link/link.ts";
import { nativeReader } from "../codec/column_reader.ts";
import { parameterText } from "../codec/parameter_text.ts";
import { nativeRows } from "../codec/native_rows.ts";
import { kyselyNow } from "../link/kysely_module.ts";
import { rawSql } from "./raw_sql.ts";
import type { ValueReader } from "../codec/wire/value_reader.ts";

/** The table of a model, as a type for Kysely. */
export type KyselyTable<M extends AnyModel> = {
  [F in keyof RowOf<M>]: kysely.ColumnType<
    RowOf<M>[F],
    F extends keyof InsertOf<M> ? InsertOf<M>[F] : never,
    RowOf<M>[F]
  >;
};

/** The tables of models, by the names of the models, as a type for Kysely. */
export type KyselyTables<Models extends readonly AnyModel[]> = {
  [M in Models[number] as M["name"]]: KyselyTable<M>;
};

/** Kysely without the types of models. */
export type UntypedKysely = kysely.Kysely<
  Record<string, Record<string, unknown>>
>;

/** Options of {@link createKysely}. */
interface KyselyOptions {
  /** Runs each statement; fails if Kysely cannot be used now. */
  readonly call: RunCall;
  /** Returns the reader of a column; by default the reader of its type. */
  readonly reader?: (column: Column) => ValueReader;
  /** The prototype of rows. */
  readonly prototype?: object;
}

/** Executes the statements of Kysely. Without `begin`, Kysely cannot begin transactions. */
type Target = SqlLink & Partial<Pick<SqlDriver, "begin">>;

/** Creates Kysely on a driver or in an open transaction. */
export function createKysely(
  target: Target,
  schema: string | undefined,
  options: KyselyOptions,
): UntypedKysely {
  const {
    Kysely,
    PostgresAdapter,
    PostgresIntrospector,
    PostgresQueryCompiler,
  } = kyselyNow();
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

/** A connection of Kysely: the target, or a transaction on it. */
class LinkConnection implements kysely.DatabaseConnection {
  tx: SqlTransaction | undefined;
  /** The statements that have not ended. */
  readonly pending: CallScope = createCallScope();

  constructor(
    readonly target: Target,
    readonly options: KyselyOptions,
  ) {}

  executeQuery<R>(query: kysely.CompiledQuery): Promise<kysely.QueryResult<R>> {
    const { call } = this.options;
    return this.pending.run(() => call(() => this.#execute<R>(query)));
  }

  async #execute<R>(
    { sql, parameters }: kysely.CompiledQuery,
  ): Promise<kysely.QueryResult<R>> {
    const {
      reader = nativeReader,
      prototype = Object.prototype,
    } = this.options;
    const rows: object[] = [];
    const isInside = this.tx !== undefined || this.target.begin === undefined;
    const raw = rawSql(sql, isInside);
    const { count } = await (this.tx ?? this.target).query(
      { text: sql, values: parameters.map(parameterText), raw },
      nativeRows(reader, prototype, (row) => rows.push(row)),
    );
    return { rows: rows as R[], numAffectedRows: BigInt(count) };
  }

  // deno-lint-ignore require-yield -- the type requires a generator, and Query.stream replaces it
  async *streamQuery<R>(): AsyncIterableIterator<kysely.QueryResult<R>> {
    throw new QueryError(
      "Cannot stream with Kysely; use db.query(Model).stream()",
      { field: "stream" },
    );
  }
}

function linkDriver(target: Target, options: KyselyOptions): kysely.Driver {
  const transaction = (
    connection: kysely.DatabaseConnection,
  ): LinkConnection => {
    if (connection instanceof LinkConnection) return connection;
    throw new TypeError("The connection belongs to another driver");
  };
  return {
    init: () => Promise.resolve(),
    acquireConnection: () =>
      Promise.resolve(new LinkConnection(target, options)),
    beginTransaction: (connection, settings) =>
      options.call(async () => {
        if (target.begin === undefined) {
          throw new TransactionError(
            "Cannot begin a Kysely transaction inside a transaction: use tx.transaction(…) for a savepoint",
          );
        }
        transaction(connection).tx = await target.begin(
          transactionOptions(settings),
        );
      }),
    async commitTransaction(connection) {
      const begun = transaction(connection);
      if (await hasUnfinished(begun.pending)) throw callsUnfinished();
      await begun.tx?.commit();
      begun.tx = undefined;
    },
    async rollbackTransaction(connection) {
      const begun = transaction(connection);
      begun.pending.end({
        running: transactionEnded,
        later: transactionEnded,
        isReported: true,
      });
      await begun.tx?.rollback();
      begun.tx = undefined;
    },
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
}

function transactionOptions(
  { isolationLevel, accessMode }: kysely.TransactionSettings,
): BeginOptions {
  return {
    readOnly: accessMode === "read only",
    isolationLevel: isolationLevel === "read committed" ||
        isolationLevel === "repeatable read" ||
        isolationLevel === "serializable"
      ? isolationLevel
      : "server default",
  };
}
