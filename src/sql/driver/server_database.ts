import { SQLSTATE } from "../link/sqlstate.ts";
import pg from "pg";
import type { SqlConfig } from "./config.ts";
import { errorMapper } from "./errors.ts";
import { clientOptions, placeOf } from "./client_options.ts";

/** SQLSTATE of a database that is there already, alone or by another process at the same moment. */
const TAKEN: readonly unknown[] = [
  SQLSTATE.duplicateDatabase,
  SQLSTATE.uniqueViolation,
];

/**
 * Makes the database that the settings name, through the server's own
 * `postgres`. Its text is ordered by code point, as on every engine.
 *
 * @returns whether it had to
 */
export async function createServerDatabase(
  config: SqlConfig,
): Promise<boolean> {
  const client = new pg.Client({
    ...clientOptions(config),
    database: "postgres",
  });
  try {
    await client.connect();
    await client.query(
      `create database ${
        pg.escapeIdentifier(config.database)
      } template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
    );
    return true;
  } catch (error) {
    if (
      error instanceof Error && "code" in error && TAKEN.includes(error.code)
    ) return false;
    throw errorMapper(placeOf(config), [], "Cannot connect to")(error);
  } finally {
    await client.end();
  }
}
