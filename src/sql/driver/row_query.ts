import pg from "./pg.ts";
import type { Exchange } from "./protocol/exchange.ts";
import { type Socket, writeOnceInTurn } from "./turn_writes.ts";

/** The connection of a client, which `@types/pg` has no types for. */
export interface Connection {
  readonly stream: Socket;
  /** Sends a text as a simple query. */
  query(text: string): void;
}

/** `@types/pg` declares methods of the class as properties, which cannot be overridden. */
const PgQuery = pg.Query as unknown as new (
  text: string,
) => object;

/** A query whose exchange reads the answers in the received bytes. `pg` queues it like its own. */
export class RowQuery extends PgQuery {
  readonly #text: string;
  readonly #exchange: Exchange;
  readonly #isPipelined: boolean;
  #connection: Connection | undefined;

  /** Called once, with the error or undefined. `pg` replaces it if the client has a query timeout. */
  callback: (error?: unknown) => void;

  /** @param isPipelined whether other statements may follow without waiting for the answers */
  constructor(
    text: string,
    exchange: Exchange,
    isPipelined: boolean,
    settle: (error?: unknown) => void,
  ) {
    super(text);
    this.#text = text;
    this.#exchange = exchange;
    this.#isPipelined = isPipelined;
    this.callback = settle;
  }

  /** `pg` calls this to send the statement. */
  submit(connection: Connection): unknown {
    this.#connection = connection;
    try {
      const messages = this.#exchange.start();
      if (messages === undefined) connection.query(this.#text);
      else this.#send(messages);
      return null;
    } catch (error) {
      return error;
    }
  }

  /** Handles an answer, whose body is between two positions. */
  receive(...answer: Parameters<Exchange["receive"]>): void {
    this.#send(this.#exchange.receive(...answer));
  }

  /** `pg` calls this with an error of the server or of the connection. */
  handleError(error: unknown): void {
    this.#send(this.#exchange.fail());
    // The error of what reads the rows is no error of the connection.
    this.callback(error === this.#exchange.failure() ? undefined : error);
  }

  /** `pg` calls this at the end of the statement. */
  handleReadyForQuery(): void {
    this.callback();
  }

  #send(messages: Uint8Array | undefined): void {
    const stream = this.#connection?.stream;
    if (messages === undefined || stream?.writable !== true) return;
    if (this.#isPipelined) writeOnceInTurn(stream, messages);
    else stream.write(messages);
  }
}
