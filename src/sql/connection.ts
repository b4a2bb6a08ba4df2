import type * as kysely from "kysely";
import { Connection } from "../connection/connection.ts";
import type { ConnectionParts, ConnectOptions } from "../connection/types.ts";
import { QueryError } from "../base/errors/mod.ts";
import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import type { AlerceModels } from "../models/mod.ts";
import type { Query } from "../query/query.ts";
import type { UnboundQuery } from "../query/unbound.ts";
import type { SqlBackend } from "./backend.ts";
import { openSqlBackend } from "./engine.ts";
import type { KyselyTables } from "./read/kysely.ts";
import { loadModule } from "../base/load_module.ts";

/** Queries on a model of an SQL database. */
export interface SqlQuery<
  M extends AnyModel,
  Models extends readonly AnyModel[] = readonly [M],
> extends Query<M, RowOf<M>, InsertOf<M>, Models> {
  /**
   * A Kysely select of this model. It uses the names of the model and its fields,
   * also if table and columns have other names, and decodes rows like `findAll`.
   * Joins use the tables and columns of other models.
   */
  readonly kysely: kysely.SelectQueryBuilder<
    KyselyTables<readonly (Models[number] | M)[]>,
    M["name"],
    RowOf<M>
  >;
}

/**
 * A connection to PostgreSQL: a server, or PGlite embedded in this process.
 * `ENGINE` in the settings selects it.
 *
 * @example
 * ```ts
 * import { SQLConnection } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = new SQLConnection();
 * await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const [object, created] = await db.query(AstroObject).getOrCreate({
 *   filterBy: { oid: "ZTF18aaxlzgi" },
 *   ndet: 1,
 * });
 * assert.equal(String(object), "<AstroObject(oid='ZTF18aaxlzgi')>");
 * assert.equal(created, true);
 *
 * db.query(AstroObject).update(object, { ndet: 2 });
 * await db.session.commit();
 * const rows = await db.sql<{ ndet: number }>`select ndet from object where oid = ${object.oid}`;
 * assert.deepEqual(rows, [{ ndet: 2 }]);
 * ```
 */
export class SQLConnection<
  Models extends readonly AnyModel[] = AlerceModels,
> extends Connection<Models, SqlBackend> {
  /** Creates a connection that is not open yet.
   * @param parts models (default: those of ALeRCE), settings, a `pg.Pool` or PGlite, a session
   */
  constructor(parts: ConnectionParts<Models> = {}) {
    super(openSqlBackend, parts);
  }

  /** Returns ALeRCE's models, as the default of the type parameter says. */
  protected override async defaultModels(): Promise<readonly AnyModel[]> {
    const { ALERCE_MODELS } = await loadModule(() =>
      import("../models/mod.ts")
    );
    return ALERCE_MODELS;
  }

  /**
   * Opens the connection and checks that the database is reachable, within
   * `CONNECT_TIMEOUT`.
   *
   * @param config `{ ENGINE: "postgresql", HOST, PORT, USER, PASSWORD, DB_NAME }`, a `URL`, or
   * `{ ENGINE: "pglite", DB_NAME }`
   * @throws {ConfigError} with every wrong key
   * @throws {ConnectionError} if the host is wrong or the server is down
   * @throws {AuthenticationError} if the user or password is wrong
   * @throws {TimeoutError} if the server does not answer in time
   */
  override connect(config?: unknown, options?: ConnectOptions): Promise<void> {
    return super.connect(config, options);
  }

  /** Returns queries on a model. */
  override query<M extends AnyModel>(model: M): SqlQuery<M, Models>;
  /** Returns queries with the model as an option of each call. */
  override query(): UnboundQuery<Models>;
  override query(model?: AnyModel): Query<AnyModel> | UnboundQuery {
    return model === undefined ? super.query() : super.query(model);
  }

  /**
   * Kysely, typed by the models. Tables and columns must have the names of models
   * and fields. 64-bit integers are bigints. Inside Kysely's `transaction()` use
   * only its argument: on PGlite, other calls wait for the end of the transaction.
   */
  get kysely(): kysely.Kysely<KyselyTables<Models>> {
    const untyped: unknown = this.backend().kysely;
    return untyped as kysely.Kysely<KyselyTables<Models>>;
  }

  /**
   * Executes SQL and returns its rows. Values become parameters, never text;
   * Kysely's `sql` creates pieces of SQL to insert.
   *
   * @throws {QueryError} if it is called with parentheses, as a function of a text
   */
  async sql<Row extends object = Record<string, unknown>>(
    text: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Promise<Row[]> {
    if (!Array.isArray(text) || !Array.isArray(text.raw)) {
      throw new QueryError(
        "Cannot run SQL: db.sql is a template tag. Write db.sql`select … ${value}` without parentheses. Nothing was sent",
      );
    }
    this.backend();
    const { loadKysely } = await loadModule(() =>
      import("./link/kysely_module.ts")
    );
    const { sql } = await loadKysely();
    const { rows } = await sql<Row>(text, ...values).execute(
      this.backend().kysely,
    );
    return rows;
  }
}
