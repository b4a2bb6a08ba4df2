import { Buffer } from "node:buffer";
import type { SentValue } from "../../link/link.ts";

/** The codes of messages from the server: PostgreSQL's manual, "Message Formats". */
export const CODE = {
  parseComplete: 0x31,
  bindComplete: 0x32,
  notification: 0x41,
  commandComplete: 0x43,
  dataRow: 0x44,
  error: 0x45,
  emptyQuery: 0x49,
  rowDescription: 0x54,
  readyForQuery: 0x5a,
  noData: 0x6e,
  portalSuspended: 0x73,
  parameterDescription: 0x74,
} as const;

/** The initial size of the buffer, in bytes: enough for a statement with a few values. */
const SIZE = 512;

/** The length from which a text is measured before memory is reserved for it. */
const LONG_TEXT = 1 << 16;

/** Messages to the server, in the order in which they are written. */
export class Messages {
  #buffer = Buffer.allocUnsafe(SIZE);
  #length = 0;

  /** Prepares a statement; the unnamed one if the name is empty. */
  parse(name: string, text: string): this {
    const start = this.#begin(P);
    this.#text(name);
    this.#zero();
    this.#text(text);
    this.#zero();
    this.#int16(0);
    return this.#end(start);
  }

  /**
   * Binds values to a statement, and requests the formats of its columns.
   *
   * @param formats of each column whether it is requested in binary; one for all columns, none for all as text
   */
  bind(
    name: string,
    values: readonly SentValue[],
    formats: readonly boolean[],
  ): this {
    const start = this.#begin(B);
    this.#zero();
    this.#text(name);
    this.#zero();
    this.#formats(values);
    this.#int16(values.length);
    for (const value of values) {
      if (value instanceof Uint8Array) {
        this.#int32(value.length);
        this.#add(value);
        continue;
      }
      this.#int32(-1);
      if (value === null) continue;
      const before = this.#length;
      this.#text(value);
      this.#buffer.writeInt32BE(this.#length - before, before - 4);
    }
    this.#int16(formats.length);
    for (const isBinary of formats) this.#int16(isBinary ? 1 : 0);
    return this.#end(start);
  }

  /** Removes a prepared statement, if it exists. */
  closeStatement(name: string): this {
    const start = this.#begin(C);
    this.#text(`S${name}`);
    this.#zero();
    return this.#end(start);
  }

  /** Requests the columns of a statement, before it is bound. */
  describeStatement(name: string): this {
    const start = this.#begin(D);
    this.#text(`S${name}`);
    this.#zero();
    return this.#end(start);
  }

  /** Requests the columns of the bound statement, with their formats. */
  describePortal(): this {
    return this.#add(DESCRIBE_PORTAL);
  }

  /** Executes the bound statement. */
  execute(): this {
    return this.#add(EXECUTE);
  }

  /** Ends the statement: the server commits it if there is no transaction, and accepts messages again after an error. */
  sync(): this {
    return this.#add(SYNC);
  }

  /** Requests the answers so far. */
  flush(): this {
    return this.#add(FLUSH);
  }

  /** Returns the bytes of all messages. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Writes the format of each value; nothing if all are texts. */
  #formats(values: readonly SentValue[]): void {
    const isText = !values.some((value) => value instanceof Uint8Array);
    this.#int16(isText ? 0 : values.length);
    if (isText) return;
    for (const value of values) {
      this.#int16(value instanceof Uint8Array ? 1 : 0);
    }
  }

  #add(message: Uint8Array): this {
    this.#reserve(message.length);
    this.#buffer.set(message, this.#length);
    this.#length += message.length;
    return this;
  }

  /** Begins a message; returns the position of its length. */
  #begin(code: number): number {
    this.#reserve(5);
    this.#buffer[this.#length] = code;
    this.#length += 5;
    return this.#length - 4;
  }

  #end(start: number): this {
    this.#buffer.writeInt32BE(this.#length - start, start);
    return this;
  }

  #int16(value: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16BE(value, this.#length);
  }

  #int32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
  }

  #zero(): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = 0;
  }

  /** Writes UTF-8. */
  #text(text: string): void {
    // One UTF-16 unit is at most three bytes of UTF-8 (RFC 3629).
    this.#reserve(
      text.length < LONG_TEXT ? text.length * 3 : Buffer.byteLength(text),
    );
    this.#length += this.#buffer.write(text, this.#length, "utf8");
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

const [B = 0, C = 0, D = 0, P = 0] = Buffer.from("BCDP", "latin1");
const DESCRIBE_PORTAL = Buffer.from("D\0\0\0\x06P\0", "latin1");
const EXECUTE = Buffer.from("E\0\0\0\x09\0\0\0\0\0", "latin1");
const SYNC = Buffer.from("S\0\0\0\x04", "latin1");
const FLUSH = Buffer.from("H\0\0\0\x04", "latin1");
