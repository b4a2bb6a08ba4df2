import type { Server } from "./read_url.ts";

/** A server. */
export interface ServerAddress {
  /** The name or address, or the folder of the socket. */
  readonly host: string;
  /** The port (default: 5432). */
  readonly port: number;
}

const DEFAULT_PORT = 5432;

/** Returns the servers with the default port if they name none. */
export function withPorts(servers: readonly Server[]): ServerAddress[] {
  return servers.map(({ host, port = DEFAULT_PORT }) => ({ host, port }));
}
