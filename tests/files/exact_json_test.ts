// The quick reader of JSON returns what a reviver of JSON.parse, which sees the text of each number, returns.
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  jsonProblem,
  parseExactJson,
} from "../../src/files/read/exact_json.ts";
import { ROUNDS } from "../support/rounds.ts";

/** Parses with a reviver for every value. */
function parsedSlowly(text: string): unknown {
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    const source = context?.source ?? "";
    if (value === Infinity || value === -Infinity) throw new SyntaxError();
    return typeof value === "number" && Number.isInteger(value) &&
        !Number.isSafeInteger(value) && /^-?\d{1,20}$/.test(source)
      ? BigInt(source)
      : value;
  });
}

/** The texts of numbers, with and without more than 53 bits. */
const NUMBERS = [
  ...["516171791415015025", "-516171791415015025", "9007199254740993"],
  ...["9007199254740991", "0000", "1234567890123456789e2", "1e20", "1E+16"],
  ...["123456789012345678.5", "0.1234567890123456789", "18446744073709551616"],
  ...["100000000000000000000000", "1234567890123456", "-0", "7"],
];
/** Parts of strings that look like members. */
const TEXTS = [
  ...NUMBERS,
  ...['":', '\\"', "\\\\", "a", " ", ",", "{", "}", "[", "]", ":", "\\u0000"],
];

const space = fc.constantFrom("", " ", "\n\t");
const string = fc.array(fc.constantFrom(...TEXTS), { maxLength: 6 })
  .map((parts) => `"${parts.join("").replaceAll(/(?<!\\)"/g, '\\"')}"`);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...NUMBERS),
    string,
    fc.array(tie("value"), { maxLength: 4 })
      .chain((items) => space.map((gap) => `[${gap}${items.join(`${gap},`)}]`)),
    fc.array(
      fc.tuple(
        fc.oneof(string, fc.constantFrom('"a"', '"__proto__"', '"1"')),
        space,
        tie("value"),
        space,
      ),
      { maxLength: 4 },
    ).map((members) =>
      `{${
        members.map(([key, gap, inner, end]) =>
          `${key}${gap}:${gap}${inner}${end}`
        )
          .join(",")
      }}`
    ),
  ),
}));

Deno.test("JSON is read exactly, whatever its strings contain", () => {
  fc.assert(
    fc.property(value, (text) => {
      let expected: unknown;
      try {
        expected = parsedSlowly(text);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
        assert.throws(() => parseExactJson(text));
        return;
      }
      assert.deepStrictEqual(parseExactJson(text), expected);
    }),
    { numRuns: 2_000 * ROUNDS },
  );
});

Deno.test("numbers that JSON.parse would read as 0 or infinity are refused", () => {
  const long = `0.${"0".repeat(330)}1`;
  for (const number of ["1e-400", "-1E-400", "1e400", long, "1".repeat(400)]) {
    for (const text of [number, `[1, ${number}]`, `{"a\\"":{"b":${number}}}`]) {
      assert.throws(
        () => parseExactJson(text),
        (error) => /^contains the number .* float64/.test(jsonProblem(error)),
        text,
      );
    }
  }
  const kept = '{"1e-400":"1e400 \\" 1e-400","zero":0e-400,"least":5e-324}';
  assert.deepEqual(parseExactJson(kept), JSON.parse(kept));
  assert.throws(
    () => parseExactJson("[1e-300, 1e-"),
    (error) => jsonProblem(error).startsWith("is not JSON: "),
  );
});
