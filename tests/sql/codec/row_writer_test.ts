// The generated writer of rows writes the same bytes, and refuses the same rows, as the loop over the columns.
import { bytes, defineModel, int16, ValidationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { ByteWriter } from "../../../src/sql/codec/byte_writer.ts";
import { rowEncoders } from "../../../src/sql/codec/encode.ts";
import { ROUNDS } from "../../support/rounds.ts";
import { anyCharacter } from "../../support/code_points.ts";

const Wide = defineModel("wide", {
  fields: z.object({
    id: z.int64(),
    tiny: int16().nullable(),
    small: z.int32().nullable(),
    single: z.float32().nullable(),
    double: z.float64(),
    kept: z.float64().meta({ nan: "keep" }),
    lost: z.float64().nullable().meta({ nan: "null" }),
    text: z.string().nullable(),
    short: z.string().max(4),
    band: z.enum(["g", "r", "é"]),
    flag: z.boolean().nullable(),
    time: z.date().nullable(),
    exact: z.int64().meta({ sqlType: "timestamptz" }),
    uuid: z.uuid(),
    data: bytes(),
    json: z.json(),
    list: z.array(z.float64().nullable()),
    count: z.int32().default(7),
    "quo\"te'\n": z.string().default("`${0}`"),
  }),
  primaryKey: ["id"],
});

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: anyCharacter }),
  fc.constantFrom("", "\0", "\ud800", "é", "x".repeat(100_000)),
);
const double = fc.oneof(
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, -Infinity, 5e-324),
);
/** Values that no field, or another field, accepts. */
const odd = fc.constantFrom<unknown>(
  ...[undefined, null, 1.5, "1", true, 1n, 2n ** 63n, -(2n ** 63n), 2 ** 53],
  ...[
    2 ** 15,
    -(2 ** 15) - 1,
    2 ** 31,
    -(2 ** 31),
    3.5e38,
    {},
    [],
    new Date(NaN),
    Symbol("s"),
    NaN,
  ],
  new Date(8.64e15),
);
const valid = {
  id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  tiny: fc.option(fc.integer({ min: -32768, max: 32767 })),
  small: fc.option(fc.integer()),
  single: fc.option(fc.float({ noNaN: true, noDefaultInfinity: true })),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  kept: double,
  lost: fc.option(double),
  text: fc.option(fc.string({ unit: "grapheme" }).filter(isWritable)),
  short: fc.string({ maxLength: 4 }).filter(isWritable),
  band: fc.constantFrom("g", "r", "é"),
  flag: fc.option(fc.boolean()),
  time: fc.option(fc.date({ noInvalidDate: true, min: new Date(-1e14) })),
  exact: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
  uuid: fc.uuid(),
  data: fc.uint8Array(),
  json: fc.jsonValue().filter((value) => isWritable(JSON.stringify(value))),
  list: fc.array(
    fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  ),
};
const optional = { count: fc.integer(), "quo\"te'\n": fc.string() };
/** A row that the generated writer writes whole. */
const plain = {
  ...{
    id: 1n,
    tiny: -2,
    small: 2,
    single: 0.5,
    double: 1.5,
    kept: 2.5,
    lost: 3.5,
  },
  ...{ text: "ZTF18aaa", short: "r", band: "g", flag: true, exact: 5n },
  ...{ time: new Date(0), uuid: "0b0c0ffe-0000-4000-8000-000000000001" },
  ...{ data: Uint8Array.of(1), json: 1, list: [1], count: 3 },
  "quo\"te'\n": "q",
};

function isWritable(text: string): boolean {
  return text.isWellFormed() && !/\0|\\u0000|\\ud[89a-f]/i.test(text);
}

/** Some properties of a row: valid, of another field, or unknown. */
const some = fc.array(
  fc.oneof(
    ...Object.entries({ ...valid, ...optional }).map(([name, value]) =>
      fc.tuple(fc.constant(name), fc.oneof(value, odd, text, double))
    ),
    fc.tuple(fc.constantFrom("extra", "toString"), odd),
  ),
  { maxLength: 2 },
).map((entries) => Object.fromEntries(entries));
const row = fc.tuple(some, fc.option(fc.constantFrom(...Object.keys(plain))))
  .map(([some, left]) =>
    Object.fromEntries(
      Object.entries({ ...plain, ...some }).filter(([name]) => name !== left),
    )
  );

/** Returns the bytes of rows, with the error of the row that ends them. */
function written(
  rows: readonly object[],
  create?: () => undefined,
): readonly [Uint8Array, string | undefined] {
  const writer = new ByteWriter(1);
  const encode = create === undefined
    ? rowEncoders(Wide, Wide.fields, writer).encode
    : rowEncoders(Wide, Wide.fields, writer, [], [], create).encode;
  let error: string | undefined;
  for (const [index, row] of rows.entries()) {
    try {
      encode(row, index);
    } catch (thrown) {
      assert.ok(thrown instanceof ValidationError, String(thrown));
      error = thrown.message;
    }
  }
  return [writer.take(), error];
}

Deno.test("the generated writer and the loop write the same bytes and throw the same errors", () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
      const [left, right] = [written(rows), written(rows, () => undefined)];
      assert.deepEqual(left, right);
      if (left[1] !== undefined) refused++;
    }),
    { numRuns: 3000 * ROUNDS, seed: 20_180_601 },
  );
  assert.ok(refused > 0, "no row was refused");
});

Deno.test("a row is written whole behind the rows before it, however long its texts are", () => {
  const rows = [10, 1 << 16, 3, 1 << 20].map((length) => ({
    ...plain,
    text: "x".repeat(length),
  }));
  const [bytes, error] = written(rows);
  assert.equal(error, undefined);
  const each = rows.map((row) => written([row])[0].length);
  assert.equal(bytes.length, each.reduce((sum, size) => sum + size, 0));
});
