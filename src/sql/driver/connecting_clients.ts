import pg from "./pg.ts";
import { requireBinding } from "./channel_binding.ts";
import type { SqlConfig } from "./config.ts";
import { cut } from "./client_socket.ts";
import type { PeerWatch } from "./peer_watch.ts";

/** The clients of a pool that are connecting: the pool can neither use nor close them yet. */
interface ConnectingClients {
  /** The class of the pool's clients. */
  readonly Client: typeof pg.Client;
  /** Closes the clients that are connecting; otherwise the end of the pool waits for them. */
  close(): void;
}

/** Creates an empty set of clients. */
export function createConnectingClients(
  config: SqlConfig,
  watch: PeerWatch,
): ConnectingClients {
  const connecting = new Set<pg.Client>();
  function add(client: pg.Client): void {
    const forget = (): void => void connecting.delete(client);
    connecting.add(client);
    requireBinding(client, config);
    watch.follow(client);
    client.on("connect", forget);
    client.on("end", forget);
  }
  class PoolClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      add(this);
    }
  }
  return {
    Client: PoolClient,
    close() {
      for (const client of connecting) cut(client);
    },
  };
}
