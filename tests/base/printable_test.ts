// Texts from outside become one harmless line, in every error too.
import { ConfigError, DatabaseError, SchemaError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  printable,
  printableLines,
  printableText,
} from "../../src/base/errors/printable.ts";
import { anyCharacter } from "../support/code_points.ts";

const HARMFUL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const texts = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ..."\n\r\t\0\x1b\x07\x7f\x85\x9b\u2028\u2029\u202e\u2066\u200f",
    ),
    anyCharacter,
  ),
});

Deno.test("a printable text has no control character, and others stay", () => {
  fc.assert(fc.property(texts, (text) => {
    assert.doesNotMatch(printable(text), HARMFUL);
    assert.equal(printable(printable(text)), printable(text));
    assert.doesNotMatch(printableText(text).replaceAll(/[\n\t]/g, ""), HARMFUL);
    if (!HARMFUL.test(text)) assert.equal(printable(text), text);
  }));
  assert.equal(
    printable("a\x1b[2J\r\nb\t\u202e\x9b é"),
    "a\\x1b[2J\\r\\nb\\t\\u202e\\x9b é",
  );
  assert.equal(printableText("a\r\n\tb\x07"), "a\n\tb\\x07");
});

Deno.test("only an error with a list of lines has line breaks", () => {
  fc.assert(fc.property(texts, texts, (one, other) => {
    const text = `${one}\n${other}`;
    const cause = new Error(text);
    const error = new DatabaseError(text, { cause });
    assert.doesNotMatch(error.message, HARMFUL);
    assert.equal(error.cause, cause);
    assert.equal(cause.message, text);
    const schema = new SchemaError([one, other], { differences: [other] });
    assert.equal(schema.message, printableLines([one, other]));
    assert.equal(schema.message.split("\n").length, 2);
    assert.deepEqual(schema.differences, [other]);
    const config = new ConfigError(one, [
      { key: one, problem: other },
      { key: other, problem: one },
    ]);
    assert.ok(config.message.split("\n").length <= 3);
  }));
});
