import type pg from "pg";
import type { SqlConfig } from "./config.ts";
import { nativeReader } from "../codec/value_text.ts";

/** What errors call a server. */
export function placeOf({ host, port, database }: SqlConfig): string {
  return host.startsWith("/")
    ? `PostgreSQL in ${host}, database ${database}`
    : `PostgreSQL at ${host}:${port}, database ${database}`;
}

/** The options of a `pg` client that the settings mean. */
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
    types: { getTypeParser: (oid: number) => nativeReader(oid) },
  };
}
