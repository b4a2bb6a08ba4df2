// The quick check of a value agrees with the complete one.
import { defineModel } from "@alerce/db-plugins";
import fc from "fast-check";
import assert from "node:assert/strict";
import { z } from "zod";
import { isStoredForm } from "../../src/model/is_stored_form.ts";
import { valueProblem } from "../../src/model/value_problem.ts";
import { storedValue } from "../../src/query/write/values.ts";

const { fields } = defineModel("quick", {
  fields: z.object({
    id: z.int64(),
    small: z.int32(),
    double: z.float64(),
    single: z.float32(),
    nan: z.float64().meta({ nan: "keep" }),
    gap: z.float64().nullable().meta({ nan: "null" }),
    positive: z.float64().min(1),
    flag: z.boolean(),
    text: z.string(),
    key: z.uuid(),
    time: z.int64().meta({ sqlType: "timestamptz" }),
    exact: z.float64().meta({ sqlType: "numeric" }),
  }),
  primaryKey: ["id"],
});

const value = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, "", 0, -0, NaN, Infinity, -1, {}),
  fc.constantFrom<unknown>(2 ** 31 - 1, 2 ** 31, -(2 ** 31), 1e300, 0.1),
  fc.constantFrom<unknown>(2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), true, [1]),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.string(),
);

Deno.test("a value that passes the quick check is valid and already in the form that rows hold", () => {
  fc.assert(
    fc.property(fc.constantFrom(...fields), value, (field, value) => {
      if (!isStoredForm(field, value)) return;
      assert.equal(valueProblem(field, value), undefined);
      assert.ok(Object.is(storedValue(field, value), value));
    }),
    { numRuns: 5_000 },
  );
  const passes = (name: string, value: unknown): boolean =>
    fields.some((field) => field.name === name && isStoredForm(field, value));
  assert.ok(passes("id", 2n ** 63n - 1n) && !passes("id", 2n ** 63n));
  assert.ok(
    passes("double", 0.5) && passes("small", 5) && passes("flag", true),
  );
  assert.ok(!passes("positive", 5) && !passes("time", 5n));
});
