import type { Connection } from "../connection/connection.ts";
import type { AnyModel } from "../model/types.ts";
import { MongoConnection } from "./connection.ts";

/**
 * Returns whether a connection is to MongoDB, so that it has `collection`.
 *
 * @example
 * ```ts
 * import { connect, type DbConfig, isMongo } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * const config: DbConfig = { SQL: { ENGINE: "pglite", DB_NAME: "memory://" } };
 * await using db = await connect(config); // the type does not say which engine
 * assert.equal(isMongo(db), false);
 * ```
 */
export function isMongo<Models extends readonly AnyModel[]>(
  db: Connection<Models>,
): db is MongoConnection<Models> {
  return db instanceof MongoConnection;
}
