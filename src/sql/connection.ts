import type * as kysely from "kysely";
import { sql } from "kysely";
import { Connection } from "../connection/connection.ts";
import type { ConnectionParts, ConnectOptions } from "../connection/types.ts";
import type { AnyModel, RowOf } from "../model/types.ts";
import { ALERCE_MODELS, type AlerceModels } from "../models/mod.ts";
import type { Query } from "../query/query.ts";
import type { UnboundQuery } from "../query/unbound.ts";
import type { SqlBackend } from "./backend.ts";
import { openSql } from "./engine.ts";
import type { KyselyTables } from "./read/kysely.ts";

/** Queries on a model that SQL databases have, Kysely's among them. */
export interface SqlQuery<
  M extends AnyModel,
  Models extends readonly AnyModel[] = readonly [M],
> extends Query<M> {
  /**
   * A Kysely select of this model's rows, decoded like `findAll`, by the names
   * of the model and its fields, whatever the database calls them. Joins to the
   * connection's other models are by their tables and columns.
   */
  readonly kysely: kysely.SelectQueryBuilder<
    KyselyTables<readonly (Models[number] | M)[]>,
    M["name"],
    RowOf<M>
  >;
}

/**
 * A connection to PostgreSQL: a server, or PGlite embedded in this process,
 * by `ENGINE` alone.
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
  /** Not connected yet.
   * @param parts models other than ALeRCE's, settings, a `pg.Pool` or a PGlite of the caller's own, a session
   */
  constructor(parts: ConnectionParts<Models> = {}) {
    super(openSql, {
      ...parts,
      // Without models of the caller's own, the type's default is ALeRCE's.
      models: parts.models ?? ALERCE_MODELS as readonly AnyModel[] as Models,
    });
  }

  /**
   * Opens the connection and reaches the database.
   *
   * @param config `{ ENGINE: "postgresql", HOST, PORT, USER, PASSWORD, DB_NAME }`, a `URL`, or
   * `{ ENGINE: "pglite", DB_NAME }`
   * @throws {ConfigError} naming every wrong key
   * @throws {ConnectionError} or `AuthenticationError`, `TimeoutError`, within `CONNECT_TIMEOUT`
   */
  override connect(config?: unknown, options?: ConnectOptions): Promise<void> {
    return super.connect(config, options);
  }

  /** Queries on a model. */
  override query<M extends AnyModel>(model: M): SqlQuery<M, Models>;
  /** Queries that name their model in each call. */
  override query(): UnboundQuery;
  override query(model?: AnyModel): Query<AnyModel> | UnboundQuery {
    return model === undefined ? super.query() : super.query(model);
  }

  /**
   * Kysely, typed by the models, whose names must be their tables' and their
   * fields' the columns'. 64-bit integers are bigints. Inside Kysely's own
   * `transaction()` only what that gives may be used: on PGlite anything else
   * waits for its end.
   */
  get kysely(): kysely.Kysely<KyselyTables<Models>> {
    const untyped: unknown = this.backend().kysely;
    return untyped as kysely.Kysely<KyselyTables<Models>>;
  }

  /**
   * Runs SQL. Values become parameters, never text; `sql` of Kysely makes
   * pieces that can be put in.
   */
  async sql<Row extends object = Record<string, unknown>>(
    text: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Promise<Row[]> {
    const { rows } = await sql<Row>(text, ...values).execute(
      this.backend().kysely,
    );
    return rows;
  }
}
