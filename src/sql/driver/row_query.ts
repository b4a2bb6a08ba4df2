import type { Buffer } from "node:buffer";
import pg from "./pg.ts";
import type { Exchange } from "./protocol/exchange.ts";
import type { TurnWriter } from "./turn_writer.ts";

/** The connection of a client, which `@types/pg` has no types for. */
interface Connection {
  /** Sends a text as a simple query. */
  query(text: string): void;
}

/** A query whose exchange reads the answers in the received bytes. `pg` queues it like its own. */
export class RowQuery {
  readonly #text: string;
  readonly #exchange: Exchange;
  readonly #writer: TurnWriter;
  readonly #isPipelined: boolean;

  /** Called once, with the error or undefined. `pg` replaces it if the client has a query timeout. */
  callback: (error?: unknown) => void;

  /** @param isPipelined whether other statements may follow without waiting for the answers */
  constructor(
    text: string,
    exchange: Exchange,
    writer: TurnWriter,
    isPipelined: boolean,
    settle: (error?: unknown) => void,
  ) {
    this.#text = text;
    this.#exchange = exchange;
    this.#writer = writer;
    this.#isPipelined = isPipelined;
    this.callback = settle;
  }

  /** `pg` calls this to send the statement. */
  submit(connection: Connection): unknown {
    const { messages, flush } = this.#writer;
    const { length } = messages;
    try {
      if (this.#exchange.start()) this.#send();
      else {
        flush();
        connection.query(this.#text);
      }
      return null;
    } catch (error) {
      messages.cut(length);
      return error;
    }
  }

  /** Handles an answer, whose body is between two positions. */
  receive(
    code: number,
    bytes: Buffer,
    view: DataView,
    at: number,
    end: number,
  ): void {
    this.#exchange.receive(code, bytes, view, at, end);
    this.#send();
  }

  /** `pg` calls this with an error of the server or of the connection. */
  handleError(error: unknown): void {
    this.#exchange.fail();
    this.#send();
    // The error of what reads the rows is no error of the connection.
    this.callback(error === this.#exchange.failure() ? undefined : error);
  }

  /** `pg` calls this at the end of the statement. */
  handleReadyForQuery(): void {
    this.callback();
  }

  #send(): void {
    if (this.#isPipelined) this.#writer.flushAfterTurn();
    else this.#writer.flush();
  }
}

// `pg` recognizes its queries by their class, whose constructor prepares what only its own queries use.
Object.setPrototypeOf(RowQuery.prototype, pg.Query.prototype);
