// Cells that are found in the bytes of plain lines, and numbers that are read from them.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cellEnd,
  cellStart,
  createPlainLines,
} from "../../src/load/input/plain_lines.ts";
import {
  floatOfBytes,
  int32OfBytes,
  int64OfBytes,
} from "../../src/load/values/from_bytes.ts";
import { ROUNDS } from "../support/rounds.ts";

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

function floatOf(text: string): number {
  const bytes = encoded(`x${text}x`);
  return floatOfBytes(bytes, 1, bytes.length - 1);
}

function int64Of(text: string): bigint | undefined {
  const bytes = encoded(`9${text}9`);
  const values = new BigInt64Array(3).fill(7n);
  const view = new DataView(values.buffer);
  const isRead = int64OfBytes(bytes, 1, bytes.length - 1, view, 1);
  assert.deepEqual([values[0], values[2]], [7n, 7n]);
  return isRead ? values[1] : undefined;
}

Deno.test("the cells of plain lines are those between delimiters", () => {
  const find = createPlainLines(";", 2, 5);
  const cellsOf = (text: string): string[][] | undefined => {
    const lines = find(encoded(text));
    return lines === undefined
      ? undefined
      : Array.from({ length: lines.length }, (_, line) => [
        lines.text(line, 0),
        lines.text(line, 1),
      ]);
  };
  assert.deepEqual(cellsOf("1;a\n;\n22;b\r\n"), [
    ["1", "a"],
    ["", ""],
    ["22", "b"],
  ]);
  for (
    const text of [
      ...["1;a", "1;a\n2", "1\n", "1;2;3\n", "\n", "1;a\n\n", '1;"a"\n'],
      ...["1;é\n", "1;\ra\n", "1;a\r", "1;2\n3;4;5\n6\n", "1;2345\n"],
    ]
  ) assert.equal(cellsOf(text), undefined, JSON.stringify(text));
});

Deno.test("lines are plain if and only if splitting them is exact", () => {
  const find = createPlainLines(",", 3, 100);
  const character = fc.constantFrom(...'aaa,,,,,,\n\n\r"é');
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
      const lines = find(encoded(text));
      const expected = text.split(/\r?\n/).slice(0, -1)
        .map((line) => line.split(","));
      const isPlain = /^(?:[^\r\n"é]*\r?\n)*$/.test(text) &&
        expected.every((cells) => cells.length === 3);
      assert.equal(lines !== undefined, isPlain);
      if (lines === undefined) return;
      assert.equal(lines.length, expected.length);
      for (const [line, cells] of expected.entries()) {
        for (const [column, cell] of cells.entries()) {
          assert.equal(lines.text(line, column), cell);
          const start = cellStart(lines, line, column);
          const end = cellEnd(lines, line, column);
          assert.equal(text.slice(start, end), cell);
        }
      }
    }),
    { numRuns: 3_000 * ROUNDS },
  );
});

Deno.test("a float of bytes is the one nearest to its text", () => {
  const digits = (min: number, max: number) =>
    fc.string({
      unit: fc.constantFrom(..."0123456789"),
      minLength: min,
      maxLength: max,
    });
  const random = fc.double({ noNaN: true, noDefaultInfinity: true });
  let read = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        fc.tuple(fc.constantFrom("", "-"), digits(1, 10), digits(0, 20))
          .map(([sign, whole, rest]) => `${sign}${whole}.${rest}`),
        random.map((value) => String(value % 1_000)),
        random.map((value) => (value % 1_000).toFixed(15)),
      ),
      (text) => {
        const value = floatOf(text);
        if (Number.isNaN(value)) return;
        read++;
        assert.ok(Object.is(value, Number(text)), `${text} is not ${value}`);
      },
    ),
    { numRuns: 10_000 * ROUNDS },
  );
  assert.ok(read > 4_000, `${read} were read`);
});

Deno.test("a float of bytes beside a value between two floats is the nearer one", () => {
  // 2^53 + 1 and 1 + 2^-53 are exactly between two floats.
  const between = ["9007199254740993", "1.00000000000000011102230246251565"];
  for (const text of between) assert.ok(Number.isNaN(floatOf(text)));
  for (
    const text of [
      ...["900719925.4740993", "9.007199254740993", "90071992547.40993"],
      ...["4503599.6273704965", "450359962.73704965", "0.9007199254740993"],
      ...["0.000000000000000001", "999999999.999999999", "-0", "-0.0", "5."],
    ]
  ) {
    const value = floatOf(text);
    if (Number.isNaN(value)) continue;
    assert.ok(Object.is(value, Number(text)), text);
  }
  for (
    const text of [
      "",
      "-",
      ".5",
      "+1",
      "1e3",
      " 1",
      "1 ",
      "NaN",
      "1,5",
      "--1",
      "1.2.3",
      "0x1f",
      "1:0",
      "1/0",
      "1.0:",
    ]
  ) assert.ok(Number.isNaN(floatOf(text)), text);
});

Deno.test("integers of bytes keep every digit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), (value) => {
      const isStored = BigInt.asIntN(64, value) === value &&
        value !== -(2n ** 63n);
      const read = int64Of(String(value));
      assert.equal(read, isStored ? value : undefined);
    }),
    { numRuns: 5_000 * ROUNDS },
  );
  const limit = 2n ** 63n;
  for (
    const value of [
      ...[0n, 1n, -1n, 2n ** 32n, -(2n ** 32n), 2n ** 53n + 1n, limit - 1n],
      ...[1n - limit, 516_171_791_415_015_025n, 9_000_000_000_000_000_000n],
      ...[-4_294_967_295n, 4_294_967_295n, -1_000_000_000n, 65_536n ** 3n],
    ]
  ) assert.equal(int64Of(String(value)), value);
  assert.equal(int64Of("007"), 7n);
  assert.equal(int64Of("-0"), 0n);
  for (const text of ["", "-", "+1", "1.0", "1e3", "x", "1x", "12345678x901"]) {
    assert.equal(int64Of(text), undefined, text);
    const bytes = encoded(text);
    assert.ok(Number.isNaN(int32OfBytes(bytes, 0, bytes.length)), text);
  }
  for (const text of ["0", "-1", "999999999", "-999999999", "042"]) {
    const bytes = encoded(text);
    assert.equal(int32OfBytes(bytes, 0, bytes.length), Number(text));
  }
  const long = encoded("2147483647");
  assert.ok(Number.isNaN(int32OfBytes(long, 0, long.length)));
});
