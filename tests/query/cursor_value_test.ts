// Every value of an order survives a cursor exactly.
import assert from "node:assert/strict";
import fc from "fast-check";
import { exactDate, microsecondsOf } from "../../src/model/exact_date.ts";
import type { FieldType } from "../../src/model/field.ts";
import { fromCursor, toCursor } from "../../src/query/read/cursor_value.ts";
import { anyCharacter } from "../support/code_points.ts";

const scalars: readonly (readonly [FieldType, fc.Arbitrary<unknown>])[] = [
  [{ kind: "int16" }, fc.integer({ min: -32768, max: 32767 })],
  [{ kind: "int32" }, fc.integer()],
  [{ kind: "int64" }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [{ kind: "float32" }, fc.float()],
  [{ kind: "float64" }, fc.double()],
  [{ kind: "string" }, fc.string({ unit: anyCharacter })],
  [{ kind: "enum", values: ["NaN", "b"] }, fc.constantFrom("NaN", "b")],
  [{ kind: "boolean" }, fc.boolean()],
  [{ kind: "uuid" }, fc.uuid()],
  [{ kind: "bytes" }, fc.uint8Array()],
  [{ kind: "date" }, fc.date({ noInvalidDate: true })],
  [
    { kind: "date" },
    fc.tuple(fc.date({ noInvalidDate: true }), fc.integer({ min: 0, max: 999 }))
      .map(([date, part]) => exactDate(date.getTime(), part)),
  ],
];

Deno.test("a value that toCursor never writes is returned for the checks of the caller", () => {
  for (const json of [[0, 0.5], [0, -1], [0, 1000], [0], [0, null], {}]) {
    assert.equal(fromCursor({ kind: "date" }, json), json);
  }
  for (const json of ["!", "a", 1]) {
    assert.equal(fromCursor({ kind: "bytes" }, json), json);
  }
});

Deno.test("values of every type survive a cursor exactly", () => {
  for (const [type, values] of scalars) {
    const survives = (type: FieldType, value: unknown) => {
      const text = JSON.stringify(toCursor(type, value));
      const read = fromCursor(type, JSON.parse(text));
      assert.deepEqual(read, value);
      if (value instanceof Date && read instanceof Date) {
        assert.equal(microsecondsOf(read), microsecondsOf(value));
      }
    };
    fc.assert(fc.property(fc.option(values), (value) => survives(type, value)));
    const list: FieldType = { kind: "array", item: type, nullableItems: true };
    fc.assert(
      fc.property(
        fc.array(fc.option(values), { maxLength: 4 }),
        (value) => survives(list, value),
      ),
      { numRuns: 30 },
    );
  }
});
