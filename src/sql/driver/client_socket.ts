import type { EventEmitter } from "node:events";
import type pg from "pg";
import { Messages } from "./protocol/messages.ts";

/** The parts of a client that show its connection, which `@types/pg` has no types for. */
interface Inside {
  readonly connection: { readonly stream: Socket };
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
  readonly ssl: pg.ClientConfig["ssl"];
  readonly sslNegotiation?: "direct" | "postgres";
  /** The query that the server answers now; before version 8.17 of `pg` it is `activeQuery`. */
  readonly _activeQuery?: unknown;
  readonly activeQuery?: unknown;
  readonly _queryQueue?: readonly unknown[];
  readonly _sentQueryQueue?: readonly unknown[];
}

/** The socket of a client: the events and methods that this package uses. */
export interface Socket extends EventEmitter {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly writableLength: number;
  readonly remoteAddress?: string | undefined;
  readonly writable: boolean;
  write(bytes: Uint8Array): boolean;
  destroy(error?: Error): void;
}

/** What identifies the server process of a client, and the way to its server. */
export interface ClientPeer {
  readonly host: string;
  readonly port: number;
  readonly ssl: pg.ClientConfig["ssl"];
  readonly sslnegotiation: "direct" | "postgres";
  /** The address of the server, to which the host name led; undefined for a socket in a folder. */
  readonly address: string | undefined;
  /** The process ID of the server process; a pooler invents one. */
  readonly pid: number;
  /** The key that a request to cancel must have. */
  readonly key: number;
}

/** `Flush`, after which the server does nothing. */
const FLUSH = new Messages().flush().take();

/** Clients that wait for rows of this program during a COPY, not for the server. */
const feeding = new WeakSet<pg.ClientBase>();

/** Records whether a client waits for the rows of a COPY, which this program provides. */
export function setFeeding(client: pg.ClientBase, isFeeding: boolean): void {
  if (isFeeding) feeding.add(client);
  else feeding.delete(client);
}

/** Whether a client waits for its server: for an answer, or until its socket accepts more bytes. */
export function isWaiting(client: pg.ClientBase): boolean {
  const inside = insideOf(client);
  const active = "_activeQuery" in inside
    ? inside._activeQuery
    : inside.activeQuery;
  const isBusy = Boolean(active) ||
    (inside._queryQueue?.length ?? 0) > 0 ||
    (inside._sentQueryQueue?.length ?? 0) > 0;
  return isBusy &&
    (!feeding.has(client) || inside.connection.stream.writableLength > 0);
}

/** Whether several callers share a client, whose statements do not wait for earlier answers. */
export function isPipelined(client: pg.ClientBase): boolean {
  return "pipeline" in client && client.pipeline === true;
}

/** Returns a number that increases with each received byte and with each byte that the network accepted. */
export function progressOf(client: pg.ClientBase): number {
  const { bytesRead, bytesWritten, writableLength } =
    insideOf(client).connection.stream;
  return bytesRead + bytesWritten - writableLength;
}

/** Returns the server process of a connected client. */
export function peerOf(client: pg.ClientBase): ClientPeer {
  const { host, port, ssl, sslNegotiation, processID, secretKey, connection } =
    insideOf(client);
  return {
    host,
    port,
    ssl,
    sslnegotiation: sslNegotiation ?? "postgres",
    address: host.startsWith("/") ? undefined : connection.stream.remoteAddress,
    pid: processID ?? 0,
    key: secretKey ?? 0,
  };
}

/** Sends a message that has no effect. If the host of the server does not know the connection, it resets it. */
export function ping(client: pg.ClientBase): void {
  const { stream } = insideOf(client).connection;
  if (stream.writable) stream.write(FLUSH);
}

/** Closes the socket of a client; running statements fail, with the reason if one is given. */
export function cut(client: pg.ClientBase, reason?: Error): void {
  insideOf(client).connection.stream.destroy(reason);
}

/** Returns the socket of a connected client. */
export function socketOf(client: pg.ClientBase): Socket {
  return insideOf(client).connection.stream;
}

function insideOf(client: pg.ClientBase): Inside {
  return client as unknown as Inside;
}
