import type pg from "pg";
import type { Command, Done, Rows } from "../link/link.ts";
import { isPipelined, socketOf } from "./client_socket.ts";
import { installReader } from "./connection_reader.ts";
import { createDescriptions } from "./protocol/descriptions.ts";
import { withOutcome } from "../../base/errors/mod.ts";
import { isUnprepared } from "../link/server_error.ts";
import {
  createExchange,
  type Peer,
  type Prepared,
} from "./protocol/exchange.ts";
import { recordFailure } from "./record_failure.ts";
import { RowQuery } from "./row_query.ts";
import { type TurnWriter, writerOf } from "./turn_writer.ts";

/** The result of a statement that the server executed. */
export interface Sent extends Done {
  /** The error of what read its rows; undefined if there is none. The connection can be used after it. */
  readonly failure: unknown;
  /** The tags of the executed commands, if the caller wrote several statements. */
  readonly tags: readonly string[];
}

/** Sends statements on the clients of one database. */
export interface Sender {
  /** Sends a statement on a client. It rejects with errors of the server and the connection. */
  send(client: pg.ClientBase, command: Command, rows?: Rows): Promise<Sent>;
  /** Whether the columns of a statement are known, if what reads its rows needs them. */
  isDescribed(command: Command, rows: Rows | undefined): boolean;
}

/** A connected client. */
interface SocketPeer extends Peer {
  readonly writer: TurnWriter;
}

/** The prepared statements of each client, which several connections of this package may use. */
const preparedOf = new WeakMap<pg.ClientBase, Peer["prepared"]>();

/**
 * Creates a sender, which learns the columns of statements.
 *
 * @param wake called before each statement
 */
export function createSender(wake: () => void): Sender {
  const descriptions = createDescriptions();
  const peers = new WeakMap<pg.ClientBase, SocketPeer>();

  function peerOf(client: pg.ClientBase): SocketPeer {
    const known = peers.get(client);
    if (known !== undefined) return known;
    const prepared = preparedOf.get(client) ?? new Map<string, Prepared>();
    preparedOf.set(client, prepared);
    installReader(client, () => prepared.clear());
    const writer = writerOf(socketOf(client));
    const peer = {
      writer,
      messages: writer.messages,
      prepared,
      descriptions,
      isSocket: true,
      isPipelined: isPipelined(client),
    };
    peers.set(client, peer);
    return peer;
  }

  return {
    send(client, command, rows) {
      wake();
      const peer = peerOf(client);
      return new Promise((resolve, reject) => {
        const exchange = createExchange(peer, command, rows);
        const { text } = command;
        const query = new RowQuery(
          text,
          exchange,
          peer.writer,
          peer.isPipelined,
          (error) => {
            if (error === undefined || error === null) {
              const failure = exchange.failure();
              if (failure !== undefined) recordFailure(failure, exchange);
              resolve({
                count: exchange.count(),
                failure,
                tags: exchange.tags(),
              });
            } else {
              // The server was not asked to execute it.
              if (!exchange.isExecuted()) withOutcome(error, "not applied");
              // Without its other statements too, if something removed all of them.
              if (isUnprepared(error)) doubt(peer);
              reject(error);
            }
          },
        );
        client.query(query as RowQuery & pg.Submittable);
      });
    },
    isDescribed: ({ text, shape = text }, rows) =>
      typeof rows !== "object" || descriptions.get(shape) !== undefined,
  };
}

/** Returns the result, or throws the error of what read the rows. */
export function settled(sent: Sent): Done {
  if (sent.failure !== undefined) throw sent.failure;
  return sent;
}

/** Makes each statement be prepared again before it is used. */
function doubt({ prepared }: Peer): void {
  for (const statement of prepared.values()) statement.isDoubtful = true;
}
