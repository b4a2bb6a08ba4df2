import type { DbConfig } from "@alerce/db-plugins";

/**
 * The database that `dbp` works on when no other settings are named: PostgreSQL
 * embedded in a folder beside this file, so that nothing has to be installed.
 * A server looks like this:
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
