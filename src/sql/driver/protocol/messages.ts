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

/** The size of a buffer, in bytes: enough for many statements with a few values. */
const SIZE = 1 << 14;
/** The length up to which a buffer is used again, in bytes. */
const LONGEST_KEPT = 1 << 16;

/** The length up to which a text is written character by character: a call of the runtime takes longer. */
const SHORT_TEXT = 40;
/** The length from which a text is measured before memory is reserved for it. */
const LONG_TEXT = 1 << 16;

/** Messages to the server, in the order in which they are written. */
export class Messages {
  #buffer = Buffer.alloc(0);
  /** Where the messages begin that were not taken yet. */
  #start = 0;
  /** Where they end. */
  #end = 0;

  /** Prepares a statement; the unnamed one if the name is empty. */
  parse(name: string, text: string): this {
    const start = this.#begin(P);
    this.#text(name);
    this.#zero();
    this.#text(text);
    this.#zero();
    this.#int16(0);
    return this.#finish(start);
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
      if (typeof value === "number") {
        this.#int32(8);
        this.#float64(value);
        continue;
      }
      if (value instanceof Uint8Array) {
        this.#int32(value.length);
        this.#add(value);
        continue;
      }
      this.#int32(-1);
      if (value === null) continue;
      const before = this.length;
      this.#text(value);
      this.#measure(before - 4, this.length - before);
    }
    this.#int16(formats.length);
    for (const isBinary of formats) this.#int16(isBinary ? 1 : 0);
    return this.#finish(start);
  }

  /** Removes a prepared statement, if it exists. */
  closeStatement(name: string): this {
    const start = this.#begin(C);
    this.#text(`S${name}`);
    this.#zero();
    return this.#finish(start);
  }

  /** Requests the columns of a statement, before it is bound. */
  describeStatement(name: string): this {
    const start = this.#begin(D);
    this.#text(`S${name}`);
    this.#zero();
    return this.#finish(start);
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

  /** The number of bytes that were not taken yet. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Removes what was written behind a length. */
  cut(length: number): void {
    this.#end = this.#start + length;
  }

  /** Returns the bytes of all messages, and begins anew. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    if (this.#buffer.length > LONGEST_KEPT) {
      this.#buffer = Buffer.alloc(0);
      this.#end = 0;
    }
    this.#start = this.#end;
    return bytes;
  }

  /** Writes the format of each value; nothing if all are texts. */
  #formats(values: readonly SentValue[]): void {
    const hasBinary = values.some(isBinary);
    this.#int16(hasBinary ? values.length : 0);
    if (!hasBinary) return;
    for (const value of values) this.#int16(isBinary(value) ? 1 : 0);
  }

  #add(message: Uint8Array): this {
    this.#reserve(message.length);
    this.#buffer.set(message, this.#end);
    this.#end += message.length;
    return this;
  }

  /** Begins a message; returns the position of its length. */
  #begin(code: number): number {
    this.#reserve(5);
    this.#buffer[this.#end] = code;
    this.#end += 5;
    return this.length - 4;
  }

  #finish(start: number): this {
    return this.#measure(start, this.length - start);
  }

  /** Writes a length at a position, which counts from the first message. */
  #measure(at: number, length: number): this {
    this.#buffer.writeInt32BE(length, this.#start + at);
    return this;
  }

  #int16(value: number): void {
    this.#reserve(2);
    this.#end = this.#buffer.writeUInt16BE(value, this.#end);
  }

  #int32(value: number): void {
    this.#reserve(4);
    this.#end = this.#buffer.writeInt32BE(value, this.#end);
  }

  #float64(value: number): void {
    this.#reserve(8);
    this.#end = this.#buffer.writeDoubleBE(value, this.#end);
  }

  #zero(): void {
    this.#reserve(1);
    this.#buffer[this.#end++] = 0;
  }

  /** Writes UTF-8. */
  #text(text: string): void {
    // One UTF-16 unit is at most three bytes of UTF-8 (RFC 3629).
    this.#reserve(
      text.length < LONG_TEXT ? text.length * 3 : Buffer.byteLength(text),
    );
    if (text.length > SHORT_TEXT || !this.#ascii(text)) {
      this.#end += this.#buffer.write(text, this.#end, "utf8");
    }
  }

  /** Writes a text of ASCII characters. Returns false, and has written nothing, if it has others. */
  #ascii(text: string): boolean {
    const { length } = text;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      this.#buffer[this.#end + index] = code;
    }
    this.#end += length;
    return true;
  }

  /** Makes room. Bytes that were taken stay as they are: the socket may still send them. */
  #reserve(count: number): void {
    if (this.#end + count <= this.#buffer.length) return;
    const { length } = this;
    const larger = Buffer.allocUnsafeSlow(
      Math.max(SIZE, length + count, length * 2),
    );
    larger.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = larger;
    this.#start = 0;
    this.#end = length;
  }
}

/** Whether a value is sent in the binary format of its type, and not as text. */
function isBinary(value: SentValue): boolean {
  return typeof value === "number" || value instanceof Uint8Array;
}

const [B = 0, C = 0, D = 0, P = 0] = Buffer.from("BCDP", "latin1");
const DESCRIBE_PORTAL = Buffer.from("D\0\0\0\x06P\0", "latin1");
const EXECUTE = Buffer.from("E\0\0\0\x09\0\0\0\0\0", "latin1");
const SYNC = Buffer.from("S\0\0\0\x04", "latin1");
const FLUSH = Buffer.from("H\0\0\0\x04", "latin1");
