/**
 * The SQL engines, PostgreSQL and PGlite, and the types of native SQL access.
 *
 * @example
 * ```ts
 * import { SQLConnection } from "@alerce/db-plugins";
 * import type { AlerceModels } from "@alerce/db-plugins/models";
 * import type { KyselyTables } from "@alerce/db-plugins/sql";
 * import type { Kysely } from "kysely";
 * import assert from "node:assert/strict";
 *
 * const countObjects = async (kysely: Kysely<KyselyTables<AlerceModels>>): Promise<number> =>
 *   (await kysely.selectFrom("object").select("oid").execute()).length;
 *
 * await using db = new SQLConnection();
 * await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * assert.equal(await countObjects(db.kysely), 0);
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
