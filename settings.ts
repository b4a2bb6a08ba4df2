import type { DbConfig } from "@alerce/db-plugins";

/**
 * The default database of `dbp` in this folder: embedded PostgreSQL in a folder
 * beside this file, which needs no installation. For a server:
 *
 *     SQL: {
 *       ENGINE: "postgresql",
 *       HOST: "localhost",
 *       PORT: 5432,
 *       USER: "alerce",
 *       PASSWORD: Deno.env.get("PGPASSWORD"),
 *       DB_NAME: "ztf",
 *     },
 */
export const DB_CONFIG: DbConfig = {
  SQL: { ENGINE: "pglite", DB_NAME: `${import.meta.dirname}/.dbp/alerce` },
};
