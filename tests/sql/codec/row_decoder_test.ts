// Generated decoders read what the loop over readers reads, which replaces them if the runtime forbids generated code.
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createRowDecoder,
  loopDecoder,
} from "../../../src/sql/codec/row_decoder.ts";
import {
  booleanReader,
  bytesReader,
  float32Reader,
  float64Reader,
  int16Reader,
  int32Reader,
  int64Reader,
  utf8Reader,
  uuidReader,
} from "../../../src/sql/codec/wire/scalars.ts";
import type { ValueReader } from "../../../src/sql/codec/wire/value_reader.ts";
import { ROUNDS } from "../../support/rounds.ts";

const READERS: readonly (readonly [ValueReader, fc.Arbitrary<Uint8Array>])[] = [
  [int16Reader, bytes(2)],
  [int32Reader, bytes(4)],
  [int64Reader, bytes(8)],
  [float32Reader, bytes(4)],
  [float64Reader, bytes(8)],
  [
    booleanReader,
    fc.constantFrom([0], [1]).map((value) => new Uint8Array(value)),
  ],
  [utf8Reader, texts()],
  [utf8Reader, texts()],
  [bytesReader, bytes(3)],
  [uuidReader, bytes(16)],
];

Deno.test("generated decoders read the rows that the loop reads", () => {
  const readers = READERS.map(([reader]) => reader);
  const names = readers.map((_, index) => `c ${index}`);
  const prototype = { toString: () => "a row" };
  const row = fc.tuple(
    ...READERS.map(([, value]) => fc.option(value, { freq: 4 })),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
      const generated = createRowDecoder(names, readers, prototype);
      const loop = loopDecoder(names, readers, prototype);
      const received = Buffer.concat(rows.flatMap(messageOf));
      const view = new DataView(
        received.buffer,
        received.byteOffset,
        received.length,
      );
      let at = 0;
      while (at < received.length) {
        const expected = loop.decode(received, view, at);
        const end = loop.end();
        for (const { decode, hold, end: endOf } of [generated, loop]) {
          const results = [
            decode(received, view, at),
            hold(received, view, at).row,
          ];
          for (const result of results) {
            assert.deepStrictEqual(result, expected);
            assert.equal(Object.getPrototypeOf(result), prototype);
            assert.equal(endOf(), end);
          }
        }
        at = end;
      }
    }),
    { numRuns: 50 * ROUNDS },
  );
});

/** Returns the lengths and values of a row. */
function messageOf(values: readonly (Uint8Array | null)[]): Buffer[] {
  return values.flatMap((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    return value === null ? [length] : [length, Buffer.from(value)];
  });
}

function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** Texts that repeat, beside others of any length and script. */
function texts(): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    fc.constantFrom("", "ZTF18abc", "é", "a".repeat(65)),
    fc.string({ unit: "binary", maxLength: 80 }),
  ).map((text) => new TextEncoder().encode(text));
}
