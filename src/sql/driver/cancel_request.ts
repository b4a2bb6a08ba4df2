import type { EventEmitter } from "node:events";
import pg from "./pg.ts";
import { pause } from "../../base/pause.ts";
import type { ClientPeer } from "./client_socket.ts";
import { createSocket } from "./socket.ts";

/** A connection without a login, which `@types/pg` has no complete types for. */
interface BareConnection extends EventEmitter {
  readonly stream: { destroy(): void };
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(pid: number, key: number): void;
}

/**
 * Asks a server to cancel what a process works on, over a connection of its own,
 * as PostgreSQL's protocol requires. Returns whether the server closed that
 * connection in time: then the process has received the request, and it cannot
 * reach a later statement.
 */
export async function requestCancel(
  { host, port, ssl, sslnegotiation, address, pid, key }: ClientPeer,
  milliseconds: number,
): Promise<boolean> {
  const untyped: unknown = new pg.Connection({
    ...{ ssl, sslNegotiation: sslnegotiation },
    stream: () => createSocket(address),
  });
  const connection = untyped as BareConnection;
  const end = new AbortController();
  let isSent = false;
  const send = (): void => {
    isSent = true;
    connection.cancel(pid, key);
  };
  connection.on("error", () => end.abort());
  connection.on("end", () => end.abort());
  connection.on("sslconnect", send);
  connection.on("connect", () => {
    if (!ssl) send();
    else if (sslnegotiation !== "direct") connection.requestSsl();
  });
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
  await pause(milliseconds, end.signal);
  connection.stream.destroy();
  return isSent && end.signal.aborted;
}
