import type pg from "pg";
import type { SqlConfig } from "./config.ts";

/** The location of a server, for messages. */
export function serverText({ host, port, database }: SqlConfig): string {
  return host.startsWith("/")
    ? `PostgreSQL in ${host}, database ${database}`
    : `PostgreSQL at ${host}:${port}, database ${database}`;
}

/** Returns the options of a `pg` client. */
export function clientOptions(config: SqlConfig): pg.ClientConfig {
  return {
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    ssl: config.ssl === true ? { rejectUnauthorized: true } : config.ssl,
    connectionTimeoutMillis: config.connectTimeout,
    ...(config.statementTimeout === undefined
      ? {}
      : { statement_timeout: config.statementTimeout }),
    application_name: "dbp",
    keepAlive: true,
  };
}
