// The texts that a file may have for numbers: what JavaScript would accept in addition is refused.
import assert from "node:assert/strict";
import { fromText } from "../../src/load/values/from_text.ts";
import { typedConverter } from "../../src/load/values/from_typed.ts";

function converted(
  kind: "int32" | "int64" | "float32" | "float64",
  text: string,
): unknown {
  let problem: string | undefined;
  const value = fromText({ kind })(text, (reason) => void (problem = reason));
  return problem === undefined ? value : "refused";
}

Deno.test("floats are decimal numbers, NaN and infinities", () => {
  const accepted = ["1", "-1", "+1", ".5", "-.5", "5.", "1e3", "1E-3", " 7 "];
  for (const text of [...accepted, "0012", "1.25e+300", "\t2", "3\u00a0"]) {
    assert.equal(converted("float64", text), Number(text), text);
  }
  assert.equal(converted("float64", "NaN"), NaN);
  assert.equal(converted("float64", "-Infinity"), -Infinity);
  const refused = ["0x1f", "0X1F", " 0x1f", "0b11", "0o17", "1_000", "1,5"];
  for (const text of [...refused, " ", ".", "+", "1e", "1e999", "e5", "--1"]) {
    assert.equal(converted("float64", text), "refused", text);
  }
});

Deno.test("floats that would become 0 or infinity are refused, of both sizes", () => {
  const small = ["1e-400", "-1E-400", "2e-324", " 1e-400 ", "+.1e-400"];
  for (const kind of ["float32", "float64"] as const) {
    for (const text of [...small, `0.${"0".repeat(330)}1`, "1e400"]) {
      assert.equal(converted(kind, text), "refused", text);
    }
    for (const text of ["0", "-0", "0e-400", "0.000", "-0E+999", ".0"]) {
      assert.equal(converted(kind, text), Number(text), text);
    }
    assert.equal(converted(kind, "5e-324"), Number.MIN_VALUE);
  }
});

Deno.test("integers keep every digit", () => {
  for (
    const text of ["0", "-7", "123456789012345", "9223372036854775807", "007"]
  ) {
    assert.equal(converted("int64", text), BigInt(text), text);
    assert.equal(converted("int32", text), Number(text), text);
  }
  assert.equal(converted("int64", "+42"), 42n);
  assert.equal(converted("int64", "3.00"), 3n);
  for (const text of ["", "-", "+", "1e3", "0x10", "1.5", "1 2", "٣"]) {
    assert.equal(converted("int64", text), "refused", text);
    assert.equal(converted("int32", text), "refused", text);
  }
});

Deno.test("a typed number is the same number in a field of another type, or is refused", () => {
  const typed = (kind: "int64" | "float32" | "float64", value: unknown) => {
    let problem: string | undefined;
    const refuse = (reason: string) => void (problem = reason);
    const result = typedConverter({ kind })(value, refuse);
    return problem ?? result;
  };
  for (const kind of ["float32", "float64"] as const) {
    assert.equal(typed(kind, 2n ** 53n - 1n), 2 ** 53 - 1);
    assert.equal(typed(kind, -(2n ** 60n)), -(2 ** 60));
    assert.equal(
      typed(kind, 2n ** 53n + 1n),
      "is the integer 9007199254740993, of which a float would lose digits",
    );
  }
  assert.equal(typed("int64", 2 ** 53 - 1), 2 ** 53 - 1);
  assert.match(String(typed("int64", -(2 ** 53))), /may have lost digits/);
  // A text is rounded, as by COPY.
  assert.equal(typed("float64", "9007199254740993"), 2 ** 53);
});
