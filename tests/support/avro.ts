import { deflateRawSync } from "node:zlib";

/** Bytes of the sync marker. */
const MARKER = new Uint8Array(16).fill(7);

/** An integer of 64 bits as Avro writes it. */
export function long(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}

/** A text as Avro writes it. */
export function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return joined(long(bytes.length), bytes);
}

/** A block of a container, with its count and length as they are claimed. */
export function block(
  bytes: Uint8Array,
  claimed: { readonly count?: bigint; readonly length?: bigint } = {},
): Uint8Array {
  const { count = 1n, length = BigInt(bytes.length) } = claimed;
  return joined(long(count), long(length), bytes, MARKER);
}

/** A container with a schema and blocks. */
export function container(
  schema: unknown,
  codec: string,
  ...blocks: readonly Uint8Array[]
): Uint8Array {
  const meta = { "avro.schema": JSON.stringify(schema), "avro.codec": codec };
  const entries = Object.entries(meta).flatMap((entry) => entry.map(text));
  const magic = Uint8Array.of(0x4f, 0x62, 0x6a, 1);
  return joined(magic, long(2), ...entries, long(0), MARKER, ...blocks);
}

/** A compressed block. */
export function deflated(bytes: Uint8Array): Uint8Array {
  return block(deflateRawSync(bytes));
}

/** Bytes one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(
    parts.reduce((size, { length }) => size + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
