import type { SqlConfig } from "./config.ts";
import type { Tls } from "./url_tls.ts";
import type { ServerAddress } from "./server_address.ts";

/** One way to connect: a server, with or without TLS. */
export interface Endpoint extends ServerAddress {
  readonly tls: Tls;
}

/** Returns the ways to connect, in the order in which they are tried. A socket in a folder has no TLS. */
export function endpointsOf(
  { servers, tls, parameters }: SqlConfig,
): readonly [Endpoint, ...Endpoint[]] {
  const ordered = parameters.isShuffled === true
    ? servers.map((server) => ({ server, rank: Math.random() }))
      .sort((one, other) => one.rank - other.rank).map(({ server }) => server)
    : servers;
  const [first, ...rest] = ordered.flatMap((server): Endpoint[] =>
    server.host.startsWith("/")
      ? [{ ...server, tls: false }]
      : tls.map((tls) => ({ ...server, tls }))
  );
  return first === undefined
    ? [{ host: "", port: 0, tls: false }]
    : [first, ...rest];
}
