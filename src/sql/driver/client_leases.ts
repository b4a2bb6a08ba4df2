import process from "node:process";
import pg from "./pg.ts";
import { createCallScope } from "../../base/call_scope.ts";
import {
  closedBeforeCall,
  connectionClosed,
  withOutcome,
} from "../../base/errors/mod.ts";
import { untilAborted } from "../../query/limit/limit.ts";
import { requireBinding } from "./channel_binding.ts";
import type { CallLimits } from "./call_limits.ts";
import type { SqlConfig } from "./config.ts";
import { keepEndReason } from "./end_reason.ts";
import { cut } from "./client_socket.ts";
import type { PeerWatch } from "./peer_watch.ts";
import type { Servers } from "./servers.ts";

/** A client that is checked out of the pool. */
export interface Lease {
  readonly client: pg.ClientBase;
  /** Returns the client to the pool, and closes it if it is broken. Later calls do nothing, because the client may have another user. */
  release(isBroken: boolean): void;
}

/** A client that is checked out of the pool, for one user after the other. */
interface Held {
  readonly client: pg.PoolClient;
  giveBack(isUsable: boolean): void;
}

/** The clients in use. */
interface Leases {
  /**
   * Checks out a client of the pool. Returns a promise only if it must wait.
   *
   * @param signal ends the wait for a client
   */
  acquire(signal?: AbortSignal): Lease | Promise<Lease>;
  /** Opens a client outside the pool, so that a pool of one client remains usable. */
  dedicated(): Promise<Lease>;
  /** Closes all clients in use, and rejects later calls. */
  close(): void;
}

/**
 * Creates the leases on the clients of a pool.
 *
 * @param connect checks out a client
 * @param mayKeep whether nobody waits for a client, so that the next statement of
 * this turn of the event loop can take a client without the pool, which costs more
 * than the statement itself
 */
export function createLeases(
  { connect, mayKeep, config, servers, watch, limits }: {
    readonly connect: () => Promise<pg.PoolClient>;
    readonly mayKeep: () => boolean;
    readonly config: SqlConfig;
    readonly servers: Servers;
    readonly watch: PeerWatch;
    readonly limits: CallLimits;
  },
): Leases {
  const leases = new Set<Lease>();
  const waiting = createCallScope();
  /** A client that is free, and goes back to the pool at the end of this turn. */
  let spare: Held | undefined;

  /** Returns a client of the pool. A client that becomes free after the end goes back. */
  async function clientOf(): Promise<pg.PoolClient> {
    try {
      const client = await connect();
      watch.adopt(client);
      if (waiting.ended) client.release(true);
      return client;
    } catch (error) {
      // Without a client, nothing is sent.
      throw withOutcome(error, "not applied");
    }
  }

  async function connectDedicated(): Promise<pg.Client> {
    const client = new pg.Client(servers.options);
    client.on("error", (error) => keepEndReason(client, error));
    requireBinding(client, config);
    watch.follow(client);
    await client.connect();
    await servers.check(client);
    return client;
  }

  async function hold(signal: AbortSignal | undefined): Promise<Held> {
    const client = signal === undefined
      ? await waiting.run(clientOf)
      : await unlessAborted(waiting.run(clientOf), signal);
    // While a client is checked out, the pool does not handle its errors.
    const onError = (error: Error): void => keepEndReason(client, error);
    client.on("error", onError);
    return {
      client,
      giveBack(isUsable) {
        client.off("error", onError);
        // The pool would wait for a dead server before it opens another client.
        if (!isUsable) cut(client);
        client.release(!isUsable);
      },
    };
  }

  function leaseOf(held: Held): Lease {
    const { client } = held;
    const lease: Lease = {
      client,
      release(isBroken) {
        if (!leases.delete(lease)) return;
        const isUsable = !isBroken && !limits.isCanceled(client);
        if (isUsable && spare === undefined && !waiting.ended && mayKeep()) {
          spare = held;
          process.nextTick(giveSpareBack);
        } else held.giveBack(isUsable);
      },
    };
    leases.add(lease);
    return lease;
  }

  function giveSpareBack(): void {
    spare?.giveBack(true);
    spare = undefined;
  }

  return {
    acquire(signal) {
      if (spare === undefined || waiting.ended) {
        return hold(signal).then(leaseOf);
      }
      const held = spare;
      spare = undefined;
      return leaseOf(held);
    },
    async dedicated(): Promise<Lease> {
      const client = await servers.open(connectDedicated);
      const lease: Lease = {
        client,
        release() {
          if (leases.delete(lease)) cut(client);
        },
      };
      leases.add(lease);
      if (waiting.ended) {
        lease.release(true);
        throw connectionClosed();
      }
      return lease;
    },
    close() {
      waiting.end({ running: closedBeforeCall, later: connectionClosed });
      giveSpareBack();
      // The pool would wait forever for clients in use, like that of an abandoned stream.
      for (const { release } of [...leases]) release(true);
    },
  };
}

/** Returns a client, unless the signal is aborted before it is free: then it goes back. */
async function unlessAborted(
  connecting: Promise<pg.PoolClient>,
  signal: AbortSignal,
): Promise<pg.PoolClient> {
  try {
    return await untilAborted(signal, connecting);
  } catch (error) {
    connecting.then((client) => client.release(), () => {});
    throw error;
  }
}
