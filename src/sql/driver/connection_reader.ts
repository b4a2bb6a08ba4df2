import type { Buffer } from "node:buffer";
import type pg from "pg";
import { removesStatements } from "./protocol/removes_statements.ts";
import { createScanner } from "./protocol/scanner.ts";
import { socketOf } from "./client_socket.ts";
import { freeBytes } from "./free_bytes.ts";
import { RowQuery } from "./row_query.ts";

/** A client, as far as it shows its queries. */
interface Connected {
  /** The query that the server answers now; before version 8.17 of `pg` it is `activeQuery`. */
  readonly _activeQuery?: unknown;
  readonly activeQuery?: unknown;
}

/** The code of `I`, the status of a session without a transaction. */
const IDLE = 0x49;

/** The status of the transaction of a client, after its last query. */
interface Session {
  status: number | undefined;
}

const sessions = new WeakMap<pg.ClientBase, Session>();

/** Whether a client was in a transaction after its last query. */
export function isInTransaction(client: pg.ClientBase): boolean {
  const status = sessions.get(client)?.status;
  return status !== undefined && status !== IDLE;
}

/**
 * Makes a connected client pass the answers to our queries to them, in the
 * received bytes, and all other messages to the listeners of `pg`. So `pg` keeps
 * the login, TLS, the queue of queries and COPY.
 *
 * @param onReset called when another query removed all prepared statements
 */
export function installReader(
  client: pg.ClientBase,
  onReset: () => void,
): void {
  if (sessions.has(client)) return;
  const session: Session = { status: undefined };
  sessions.set(client, session);
  const connected = client as pg.ClientBase & Connected;
  const stream = socketOf(client);
  const listeners = stream.listeners("data");
  const active = "_activeQuery" in connected
    ? () => connected._activeQuery
    : () => connected.activeQuery;
  /** Whether a listener of `pg` received a part of the last chunk, and may keep it. */
  let isForwarded = false;
  const scan = createScanner({
    take(code, bytes, view, at, end) {
      const query = active();
      if (!(query instanceof RowQuery)) return false;
      query.receive(code, bytes, view, at, end);
      return true;
    },
    completed(bytes, at, end) {
      if (removesStatements(bytes, at, end)) onReset();
    },
    ready(status) {
      session.status = status;
    },
    forward(messages) {
      isForwarded = true;
      for (const listener of listeners) listener.call(stream, messages);
    },
  });
  stream.on("data", (chunk: Buffer) => {
    isForwarded = false;
    scan(chunk);
    // What reads rows copies what it keeps.
    if (!isForwarded && stream.listenerCount("data") === 1) freeBytes(chunk);
  });
  for (const listener of listeners) {
    stream.off("data", listener as (chunk: Buffer) => void);
  }
}
