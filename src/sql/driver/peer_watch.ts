import { setInterval } from "node:timers";
import type pg from "pg";
import { isServerError } from "../link/server_error.ts";
import {
  type ClientPeer,
  cut,
  isWaiting,
  peerOf,
  ping,
  progressOf,
} from "./client_socket.ts";
import type { SqlConfig } from "./config.ts";
import { keepEndReason } from "./end_reason.ts";
import { withinTime } from "./patience.ts";
import { createProbe, type Probe, type ProbeAnswer, SERVER } from "./probe.ts";
import { TIMES, type WatchTimes } from "./watch_times.ts";

/** A watch on the clients of a connection, which ends those whose server no longer answers. */
export interface PeerWatch {
  /** Watches a client from its connection to its end. */
  follow(client: pg.ClientBase): void;
  /** Watches a connected client of a pool that another part of the program provides. */
  adopt(client: pg.ClientBase): void;
  /** Begins to look at the clients: one of them sends a statement. */
  wake(): void;
  /** Whether the process ID of a client is that of its server process: a pooler invents one. */
  isDirect(client: pg.ClientBase): boolean;
  /** Waits until all clients are closed, and closes those that do not end in time. */
  close(): Promise<void>;
  /** Ends the watch; the clients stay open. */
  stop(): void;
}

/** A client and its state. */
interface Watched {
  readonly client: pg.ClientBase;
  readonly peer: ClientPeer;
  readonly place: string;
  /** The server: see {@link SERVER}. Undefined until the server reports it, and null if it cannot be compared. */
  server: string | null | undefined;
  /** The bytes at the last look at which the client waited. */
  progress: number;
  /** The looks since then. */
  ticks: number;
  /** Whether the server reported once that it waits for this client. */
  isSuspect: boolean;
  /** Ends the watch on this client. */
  readonly forget: () => void;
}

const UNREACHABLE =
  "the server sent nothing and does not answer new connections: the network or the server is down";
const ANSWER_LOST =
  "the connection is dead: the server no longer runs the statement, and its answer did not arrive";

/**
 * Creates the watch of a connection. A client that waits and receives nothing for
 * some seconds may run a long statement, or its server may be gone: the network
 * swallows what it sends. Then a connection of its own asks the server.
 *
 * @param options the options of new clients
 */
export function createPeerWatch(
  options: pg.ClientConfig,
  config: Pick<SqlConfig, "parameters">,
  times: WatchTimes = TIMES,
): PeerWatch {
  const clients = new Map<pg.ClientBase, Watched>();
  const probes = new Map<string, Probe>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let isLooking = false;
  let emptied: (() => void) | undefined;

  function pause(): void {
    clearInterval(timer);
    timer = undefined;
    closeProbes();
  }

  function tick(): void {
    let isBusy = false;
    const silent: Watched[] = [];
    for (const watched of clients.values()) {
      if (!isWaiting(watched.client)) {
        watched.progress = -1;
        continue;
      }
      isBusy = true;
      if (hasProgress(watched)) continue;
      if (++watched.ticks >= times.silentTicks) silent.push(watched);
    }
    if (!isBusy) pause();
    else if (isLooking) return;
    else if (silent.length === 0) closeProbes();
    else look(silent);
  }

  function closeProbes(): void {
    for (const probe of probes.values()) probe.close();
    probes.clear();
  }

  /** Whether a client received or sent something since the last look. */
  function hasProgress(watched: Watched): boolean {
    const progress = progressOf(watched.client);
    if (progress === watched.progress) return false;
    watched.progress = progress;
    watched.ticks = 0;
    watched.isSuspect = false;
    return true;
  }

  async function look(silent: readonly Watched[]): Promise<void> {
    isLooking = true;
    try {
      const byPlace = Map.groupBy(silent, ({ place }) => place);
      await Promise.all(
        [...byPlace].map(([place, group]) => judge(place, group)),
      );
    } finally {
      isLooking = false;
    }
  }

  async function judge(
    place: string,
    silent: readonly Watched[],
  ): Promise<void> {
    const [first] = silent;
    if (first === undefined) return;
    const before = new Map(
      [...clients.values()].filter((other) => other.place === place)
        .map((watched) => [watched, progressOf(watched.client)] as const),
    );
    const probe = probes.get(place) ??
      createProbe(options, first.peer, config, times);
    probes.set(place, probe);
    const answer = await probe.ask(silent.map(({ peer }) => peer.pid));
    if (answer.kind === "none") {
      for (const [{ client }, progress] of before) {
        if (clients.has(client) && progressOf(client) === progress) {
          cut(client, new Error(UNREACHABLE));
        }
      }
      return;
    }
    for (const watched of silent) {
      const { client } = watched;
      if (
        clients.has(client) && isWaiting(client) &&
        progressOf(client) === before.get(watched)
      ) conclude(watched, answer);
    }
  }

  /** Ends a silent client if its answer is lost. */
  function conclude(watched: Watched, answer: ProbeAnswer): void {
    const { client, peer, server } = watched;
    if (
      answer.kind === "processes" && server !== null &&
      (server === undefined || server === answer.server) &&
      (answer.waits.get(peer.pid) ?? true)
    ) {
      // The answer may be on its way: the next look decides.
      if (watched.isSuspect) cut(client, new Error(ANSWER_LOST));
      watched.isSuspect = true;
      return;
    }
    watched.ticks = 0;
    watched.isSuspect = false;
    if (
      answer.kind === "processes" && server !== null && server !== undefined &&
      server !== answer.server
    ) ping(client);
  }

  function add(client: pg.ClientBase, server: null | undefined): void {
    if (clients.has(client)) return;
    const peer = peerOf(client);
    const watched: Watched = {
      client,
      peer,
      place: `${peer.address ?? peer.host}:${peer.port}`,
      server,
      progress: -1,
      ticks: 0,
      isSuspect: false,
      forget() {
        clients.delete(client);
        if (clients.size === 0) emptied?.();
      },
    };
    clients.set(client, watched);
    client.once("end", watched.forget);
    if (server === undefined) identify(watched);
  }

  /** Asks the server of a new client who it is, so that another server at the same address is not taken for it. */
  function identify(watched: Watched): void {
    wake();
    watched.client.query<[unknown, unknown]>({
      text: `select pg_catalog.pg_backend_pid(), ${SERVER}`,
      rowMode: "array",
    }).then(({ rows }) => {
      const [pid, server] = rows[0] ?? [];
      watched.server = Number(pid) === watched.peer.pid ? String(server) : null;
    }, (error) => {
      if (isServerError(error)) watched.server = null;
      keepEndReason(watched.client, error);
    });
  }

  function wake(): void {
    if (timer !== undefined) return;
    timer = setInterval(tick, times.tick);
    timer.unref();
  }

  return {
    follow(client) {
      client.once("connect", () => add(client, undefined));
    },
    adopt: (client) => add(client, null),
    wake,
    isDirect: (client) => typeof clients.get(client)?.server === "string",
    async close() {
      if (clients.size > 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        emptied = resolve;
        await withinTime(promise, times.grace / 2).catch(() => {});
      }
      for (const client of clients.keys()) cut(client);
      pause();
    },
    stop() {
      // A client of the caller's pool may outlive many connections.
      for (const { client, forget } of clients.values()) {
        client.off("end", forget);
      }
      clients.clear();
      pause();
    },
  };
}
