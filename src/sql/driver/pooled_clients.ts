import pg from "pg";
import { ConnectionError } from "../../base/errors/mod.ts";
import type { SqlConfig } from "./config.ts";
import { clientOptions } from "./client_options.ts";
import { cut } from "./pipelines.ts";

const ignore = (): void => {};

/** A client that is out of the pool. */
export interface Lease {
  readonly client: pg.ClientBase;
  /** Gives it back, ended where it is broken; only the first time counts, for the client is then another's. */
  release(broken: boolean): void;
}

/** Clients that are in use. */
export interface Leases {
  /** One of the pool's. */
  lend(): Promise<Lease>;
  /** One beside the pool, so that a pool of one has one left. */
  dedicated(): Promise<Lease>;
  /** Takes back all that are still out, and lends no more. */
  close(): void;
}

/** Leases on the clients of a pool, and on others like them. */
export function createLeases(pool: pg.Pool, config: SqlConfig): Leases {
  const leases = new Set<Lease>();
  let closed = false;

  return {
    async lend(): Promise<Lease> {
      const client = await pool.connect();
      if (closed) {
        client.release(true);
        throw new ConnectionError(
          "Cannot use a connection after it was closed",
        );
      }
      // While a client is out of the pool nobody else hears that its connection was lost.
      client.on("error", ignore);
      const lease: Lease = {
        client,
        release(broken) {
          if (!leases.delete(lease)) return;
          client.off("error", ignore);
          client.release(broken);
        },
      };
      leases.add(lease);
      return lease;
    },
    async dedicated(): Promise<Lease> {
      const client = new pg.Client(clientOptions(config));
      client.on("error", ignore);
      await client.connect();
      const lease: Lease = {
        client,
        release() {
          if (leases.delete(lease)) cut(client);
        },
      };
      leases.add(lease);
      if (closed) {
        lease.release(true);
        throw new ConnectionError(
          "Cannot use a connection after it was closed",
        );
      }
      return lease;
    },
    close() {
      closed = true;
      // What is still out, a stream that nobody reads on for one, would be waited for without end.
      for (const { release } of [...leases]) release(true);
    },
  };
}
