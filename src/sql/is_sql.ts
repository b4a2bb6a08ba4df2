import type { Connection } from "../connection/connection.ts";
import type { AnyModel } from "../model/types.ts";
import { SQLConnection } from "./connection.ts";

/**
 * Returns whether a connection is to PostgreSQL or PGlite, so that it has `sql`
 * and `kysely`.
 *
 * @example
 * ```ts
 * import { connect, type DbConfig, isSql } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * const config: DbConfig = { SQL: { ENGINE: "pglite", DB_NAME: "memory://" } };
 * await using db = await connect(config); // the type does not say which engine
 * assert.ok(isSql(db));
 * assert.deepEqual(await db.sql`select 1 as one`, [{ one: 1 }]);
 * ```
 */
export function isSql<Models extends readonly AnyModel[]>(
  db: Connection<Models>,
): db is SQLConnection<Models> {
  return db instanceof SQLConnection;
}
