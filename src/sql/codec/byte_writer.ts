/** Bytes that grow as they are written, big-endian as PostgreSQL's binary forms are. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  readonly #encoder = new TextEncoder();

  /** @param size bytes to begin with */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes were written since the last {@link ByteWriter.take}. */
  get length(): number {
    return this.#length;
  }

  /** Goes back to an earlier length. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Takes what was written out, leaving nothing. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** One byte. */
  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Two bytes. */
  int16(value: number): void {
    this.#reserve(2);
    this.#view.setInt16(this.#length, value);
    this.#length += 2;
  }

  /** Four bytes. */
  int32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  /** Four bytes over those at a place that was written before. */
  patchInt32(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  /** Eight bytes. */
  int64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  /** IEEE 754 single precision. */
  float32(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value);
    this.#length += 4;
  }

  /** IEEE 754 double precision. */
  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /**
   * A four-byte length and that many bytes of UTF-8.
   * @returns whether it was text that PostgreSQL takes: well-formed, without NUL
   */
  text(value: string): boolean {
    const { length } = value;
    // One UTF-16 unit is at most three bytes of UTF-8 (RFC 3629).
    this.#reserve(4 + length * 3);
    const bytes = this.#bytes;
    const start = this.#length + 4;
    let at = start;
    for (let place = 0; place < length; place++) {
      const unit = value.charCodeAt(place);
      if (unit === 0) return false;
      if (unit > 0x7f) return this.#wideText(value);
      bytes[at++] = unit;
    }
    this.#view.setInt32(this.#length, length);
    this.#length = at;
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
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
