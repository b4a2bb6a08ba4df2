/**
 * PostgreSQL, on a server or embedded.
 *
 * @example
 * ```ts
 * import { postgresql } from "@alerce/db-plugins/sql";
 * import assert from "node:assert/strict";
 *
 * assert.equal(postgresql.name, "postgresql");
 * ```
 *
 * @module
 */
export { type SqlQuery } from "./connection.ts";
export { pglite, postgresql } from "./engine.ts";
export {
  type KyselyTable,
  type KyselyTables,
  type UntypedKysely,
} from "./read/kysely.ts";
export { type SqlBackend } from "./backend.ts";
