import type pg from "pg";
import type { SqlConfig } from "./config.ts";
import type { Endpoint } from "./endpoints.ts";
import { createSocket } from "./socket.ts";

/** Options of a `pg` client, with those that `@types/pg` has no types for. */
export interface ClientOptions extends pg.ClientConfig {
  /** Whether to use SCRAM-SHA-256-PLUS if the server offers it. */
  readonly enableChannelBinding?: boolean;
  /** Whether TLS begins without a question to the server. */
  readonly sslnegotiation?: "direct" | "postgres";
}

/** The location of a server, for messages. */
export function serverText(
  { servers, database }: Pick<SqlConfig, "servers" | "database">,
): string {
  const names = servers.map(({ host, port }) =>
    host.startsWith("/") ? host : `${host}:${port}`
  );
  const isFolder = servers.every(({ host }) => host.startsWith("/"));
  return `PostgreSQL ${isFolder ? "in" : "at"} ${
    names.join(",")
  }, database ${database}`;
}

/** Returns the options of a client for one of the servers. */
export function clientOptions(
  config: SqlConfig,
  { host, port, tls }: Endpoint,
): ClientOptions {
  const { parameters } = config;
  return {
    stream: () => createSocket(),
    host,
    port,
    user: config.user,
    password: config.password,
    database: config.database,
    ssl: tls === true ? { rejectUnauthorized: true } : tls,
    connectionTimeoutMillis: config.connectTimeout,
    ...(config.statementTimeout === undefined
      ? {}
      : { statement_timeout: config.statementTimeout }),
    ...(parameters.options === undefined
      ? {}
      : { options: parameters.options }),
    ...(parameters.isTlsDirect === true && tls !== false
      ? { sslnegotiation: "direct" }
      : {}),
    ...(["prefer", "require"].includes(parameters.channelBinding ?? "")
      ? { enableChannelBinding: true }
      : {}),
    ...(parameters.keepAliveDelay === undefined
      ? {}
      : { keepAliveInitialDelayMillis: parameters.keepAliveDelay }),
    application_name: parameters.applicationName ?? "dbp",
    keepAlive: parameters.keepAlive ?? true,
  };
}
