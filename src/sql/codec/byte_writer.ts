import { giveBytes, takeBytes } from "./batch_buffers.ts";

/** The length from which a text is encoded on its own, so that no memory is reserved for the longest encoding. */
const LONG_TEXT = 1 << 20;
const SMALL_BUFFER = 1 << 10;

/** A growing buffer of bytes, in big-endian order, as PostgreSQL's binary formats require. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  readonly #encoder = new TextEncoder();

  /** @param size initial size in bytes */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** The number of bytes written since the last {@link ByteWriter.take}. */
  get length(): number {
    return this.#length;
  }

  /** The buffer, whose end is not written yet. It is another one after {@link ByteWriter.reserve}. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** The view of {@link ByteWriter.bytes}. */
  get view(): DataView {
    return this.#view;
  }

  /** Removes the bytes after an earlier length. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Adds the bytes that the caller wrote into {@link ByteWriter.bytes}, up to a position. */
  moveTo(end: number): void {
    this.#length = end;
  }

  /** Makes room for bytes that the caller writes into {@link ByteWriter.bytes}. Returns the position of the first one. */
  reserve(count: number): number {
    this.#reserve(count);
    return this.#length;
  }

  /** Returns the written bytes and empties the buffer. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Returns the written bytes without a copy: the writer goes on with a small buffer. */
  takeAll(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(SMALL_BUFFER);
    this.#view = new DataView(this.#bytes.buffer);
    this.#length = 0;
    return taken;
  }

  /** Ends the use of the writer, whose buffer another one may take. */
  end(): void {
    giveBytes(this.takeAll());
  }

  /** Writes one byte. */
  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes two bytes. */
  int16(value: number): void {
    this.#reserve(2);
    this.#view.setInt16(this.#length, value);
    this.#length += 2;
  }

  /** Writes four bytes. */
  int32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  /** Overwrites four bytes at an earlier position. */
  patchInt32(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  /** Writes eight bytes. */
  int64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  /** Writes an IEEE 754 single. */
  float32(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value);
    this.#length += 4;
  }

  /** Writes an IEEE 754 double. */
  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** Writes bytes without a length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * Writes a four-byte length and a text as UTF-8.
   * @returns whether PostgreSQL accepts the text: well-formed, without NUL
   */
  text(value: string): boolean {
    const { length } = value;
    if (length >= LONG_TEXT) return this.#longText(value);
    // One UTF-16 unit is at most three bytes of UTF-8 (RFC 3629).
    this.#reserve(4 + length * 3);
    const bytes = this.#bytes;
    const start = this.#length + 4;
    let at = start;
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index);
      if (unit === 0) return false;
      if (unit > 0x7f) return this.#wideText(value);
      bytes[at++] = unit;
    }
    this.#view.setInt32(this.#length, length);
    this.#length = at;
    return true;
  }

  #longText(value: string): boolean {
    if (value.includes("\0") || !value.isWellFormed()) return false;
    const bytes = this.#encoder.encode(value);
    this.int32(bytes.length);
    this.raw(bytes);
    return true;
  }

  #wideText(value: string): boolean {
    if (value.includes("\0") || !value.isWellFormed()) return false;
    const start = this.#length + 4;
    const { written } = this.#encoder.encodeInto(
      value,
      this.#bytes.subarray(start),
    );
    this.#view.setInt32(this.#length, written);
    this.#length = start + written;
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = takeBytes(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    giveBytes(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
