import { DatabaseError } from "../../base/errors/mod.ts";
import { isServerError } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";
import pg from "./pg.ts";
import type { SqlConfig } from "./config.ts";
import { endInTime } from "./end_in_time.ts";
import { errorMapper } from "./errors.ts";
import { createPeerWatch } from "./peer_watch.ts";
import { timesWithin } from "./watch_times.ts";
import { requireBinding } from "./channel_binding.ts";
import { serverText } from "./client_options.ts";
import { createServers } from "./servers.ts";

/** The SQLSTATEs for an existing database; the second one if another process creates it at the same time. */
const DATABASE_EXISTS: readonly unknown[] = [
  SQLSTATE.duplicateDatabase,
  SQLSTATE.uniqueViolation,
];

/**
 * Creates the database that the settings name, through the database `postgres`.
 * It sorts text by code point, like every engine.
 *
 * @returns whether the database was missing
 */
export async function createServerDatabase(
  config: SqlConfig,
): Promise<boolean> {
  const servers = createServers({ ...config, database: "postgres" });
  if (servers.hasSeveral) await servers.choose();
  const client = new pg.Client(servers.options);
  client.on("error", () => {});
  requireBinding(client, config);
  // A new database may take long, but a server that does not answer is noticed within the time for connecting.
  const watch = createPeerWatch(
    servers.options,
    config,
    timesWithin(config.connectTimeout),
  );
  watch.follow(client);
  try {
    await client.connect();
    watch.wake();
    await client.query(
      `create database ${
        pg.escapeIdentifier(config.database)
      } template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
    );
    return true;
  } catch (error) {
    if (
      error instanceof Error && "code" in error &&
      DATABASE_EXISTS.includes(error.code)
    ) return false;
    if (isServerError(error) && error.code === SQLSTATE.insufficientPrivilege) {
      const role = pg.escapeIdentifier(client.user ?? "");
      throw new DatabaseError(
        `Cannot create the database ${config.database}: ${error.message}. A superuser can create it, or run ALTER ROLE ${role} CREATEDB`,
        { cause: error, code: error.code },
      );
    }
    throw errorMapper(serverText(config), [], "Cannot connect to")(error);
  } finally {
    await endInTime(client);
    watch.stop();
  }
}
