import pg from "./pg.ts";
import { pause } from "../../base/pause.ts";
import { isServerError } from "../link/server_error.ts";
import { requireBinding } from "./channel_binding.ts";
import { type ClientPeer, cut, peerOf } from "./client_socket.ts";
import type { SqlConfig } from "./config.ts";
import { NoAnswerError, withinTime } from "./patience.ts";
import { createSocket } from "./socket.ts";
import type { WatchTimes } from "./watch_times.ts";

/** What a server says about its processes. */
export type ProbeAnswer =
  | {
    readonly kind: "processes";
    /** Identifies the server: see {@link SERVER}. */
    readonly server: string;
    /** Each process that exists, and whether it waits for its client. */
    readonly waits: ReadonlyMap<number, boolean>;
  }
  /** It answers, but says nothing about its processes: it refuses the login, for one. */
  | { readonly kind: "alive" }
  | { readonly kind: "none" };

/** A connection of its own to a server, for questions about the server's processes. It opens with the first question. */
export interface Probe {
  /** Asks about processes. Uses a new connection if the present one does not answer. */
  ask(pids: readonly number[]): Promise<ProbeAnswer>;
  /** Closes the connection. */
  close(): void;
}

/** SQL that identifies a server: the time of its start. */
export const SERVER =
  "extract(epoch from pg_catalog.pg_postmaster_start_time())";

/** Codes of failures to reach a server. */
const UNREACHABLE: ReadonlySet<unknown> = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"],
  ...["EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "EAI_AGAIN", "ENOTFOUND"],
]);

const ignore = (): void => {};

/** Creates a probe of the server of a client. */
export function createProbe(
  options: pg.ClientConfig,
  peer: Pick<
    ClientPeer,
    "host" | "port" | "ssl" | "sslnegotiation" | "address"
  >,
  config: Pick<SqlConfig, "parameters">,
  times: WatchTimes,
): Probe {
  const { address, ...endpoint } = peer;
  let client: pg.Client | undefined;
  const closed = new AbortController();

  async function open(to: string | undefined): Promise<pg.Client> {
    const opened = new pg.Client({
      ...options,
      password: options.password,
      ...endpoint,
      stream: () => createSocket(to),
      connectionTimeoutMillis: 0,
    });
    client = opened;
    opened.on("error", ignore);
    requireBinding(opened, config);
    await opened.connect();
    return opened;
  }

  async function processes(
    opened: pg.Client,
    pids: readonly number[],
  ): Promise<ProbeAnswer> {
    const { rows } = await opened.query({
      text:
        `select ${SERVER}, pg_catalog.pg_backend_pid(), a.pid, coalesce(a.wait_event in ('ClientRead', 'ClientWrite'), false) from (select) one left join pg_catalog.pg_stat_activity a on a.pid in (${
          pids.join(", ")
        })`,
      rowMode: "array",
    });
    const [server, own] = rows[0] ?? [];
    // A pooler invents process IDs.
    if (Number(own) !== peerOf(opened).pid) return { kind: "alive" };
    const waits = new Map<number, boolean>();
    for (const [, , pid, isWaiting] of rows) {
      if (pid !== null) waits.set(Number(pid), isWaiting === true);
    }
    return { kind: "processes", server: String(server), waits };
  }

  async function answerOf(
    to: string | undefined,
    pids: readonly number[],
  ): Promise<ProbeAnswer> {
    const before = client;
    const opened = before ?? await withinTime(open(to), times.answer);
    try {
      return await withinTime(processes(opened, pids), times.answer);
    } catch (error) {
      // The server answered the login. A pooler may have no session for the question.
      if (before !== undefined || !(error instanceof NoAnswerError)) {
        throw error;
      }
      close();
      return { kind: "alive" };
    }
  }

  function close(): void {
    if (client !== undefined) cut(client);
    client = undefined;
  }

  return {
    async ask(pids) {
      let to = address;
      for (let attempt = 1;; attempt++) {
        try {
          return await answerOf(to, pids);
        } catch (error) {
          close();
          if (closed.signal.aborted || isServerError(error)) {
            return { kind: "alive" };
          }
          const isUnreachable = error instanceof NoAnswerError ||
            (error instanceof Error && "code" in error &&
              UNREACHABLE.has(error.code)) ||
            /terminated/.test(String(error));
          if (attempt > 1) return { kind: isUnreachable ? "none" : "alive" };
          // The program may connect to the host name, but not to its address.
          if (!isUnreachable) to = undefined;
          await pause(times.tick / 2, closed.signal);
          if (closed.signal.aborted) return { kind: "alive" };
        }
      }
    },
    close() {
      closed.abort();
      close();
    },
  };
}
