import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Messages } from "../../../../src/sql/driver/protocol/messages.ts";

const { test } = Deno;

/** A value of text is longer than a buffer. */
const LONG = "π".repeat(40_000);

test("messages that were taken stay as they are while others follow", () => {
  const messages = new Messages();
  const taken = Array.from({ length: 2_000 }, (_, index) => {
    const text = index % 500 === 499 ? LONG : `select ${index}`;
    const bytes = messages.parse(`s${index}`, text).sync().take();
    return { bytes, copy: bytes.toString("latin1") };
  });
  assert.ok(
    taken.every(({ bytes, copy }) =>
      bytes.toString("latin1") === copy && bytes[0] === 0x50 &&
      bytes.readInt32BE(1) === bytes.length - 6
    ),
  );
});

test("texts of all lengths are UTF-8", () => {
  for (const character of ["a", "\x7f", "\x80", "π", "€", "𝄞", "\ud834"]) {
    for (const length of [0, 1, 13, 39, 40, 41, 70_000]) {
      const text = `${"x".repeat(length)}${character}`;
      const bytes = new Messages().parse("", text).take();
      assert.equal(
        bytes.subarray(6, -3).equals(Buffer.from(text)),
        true,
        `${length} and ${character}`,
      );
    }
  }
});

test("several messages are taken together, without those that were cut", () => {
  const bind = (to: Messages): Messages =>
    to.bind("s", [LONG, null, new Uint8Array([1, 2])], [true, false]);
  const first = bind(new Messages()).take();
  const both = new Messages().parse("", "select 1");
  const { length } = both;
  bind(both);
  assert.equal(both.length, length + first.length);
  both.cut(length);
  assert.equal(bind(both).take().subarray(length).equals(first), true);
  assert.equal(both.length, 0);
});

test("numbers are values in the format of double precision", () => {
  const numbers = [0.1, -0, NaN, Infinity, 5e-324];
  const bytes = new Messages().bind("", [...numbers, "1", null], []).take();
  // The code, the length, two empty names, and the formats.
  const formats = 1 + 4 + 2;
  assert.equal(bytes.readInt16BE(formats), 7);
  assert.deepEqual(
    Array.from(
      { length: 7 },
      (_, at) => bytes.readInt16BE(formats + 2 + at * 2),
    ),
    [1, 1, 1, 1, 1, 0, 0],
  );
  const values = formats + 2 + 7 * 2 + 2;
  for (const [at, number] of numbers.entries()) {
    assert.equal(bytes.readInt32BE(values + at * 12), 8);
    assert.equal(bytes.readDoubleBE(values + at * 12 + 4), number);
  }
});
