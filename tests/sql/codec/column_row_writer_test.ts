// Rows that are stored by column are written as the same bytes as their objects, and the same rows are refused.
import {
  type AnyModel,
  bytes,
  defineModel,
  int16,
  ValidationError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import {
  type ColumnRows,
  type ColumnValues,
  createColumnRows,
} from "../../../src/query/statement/column_rows.ts";
import { ByteWriter } from "../../../src/sql/codec/byte_writer.ts";
import { rowEncoders } from "../../../src/sql/codec/encode.ts";
import { ROUNDS } from "../../support/rounds.ts";

const Wide: AnyModel = defineModel("wide", {
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
    data: bytes(),
    json: z.json(),
    count: z.int32().default(7),
    absent: z.float64().nullable(),
    "quo\"te'\n": z.string().default("`${0}`"),
  }),
  primaryKey: ["id"],
});

const double = fc.oneof(
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, 5e-324, 3.5e38, 2 ** 31),
);
const text = fc.oneof(
  fc.string(),
  fc.constantFrom("", "\0", "\ud800", "é", "ZTF18aaa", "x".repeat(5_000)),
);
const none = fc.constant(undefined);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const ascii = fc.string({ unit: "binary-ascii" }).map((text) =>
  text.replaceAll("\0", "")
);

/** Mostly valid values, so that some rows are whole. */
function mostly<T>(
  valid: fc.Arbitrary<T>,
  ...others: fc.Arbitrary<unknown>[]
): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: valid }, ...others);
}

/** The values of each column: undefined is no value. A loaded file has numbers for number fields, and texts for text fields. */
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  tiny: mostly(fc.integer({ min: -32769, max: 32768 }), none, double),
  small: mostly(fc.oneof(fc.integer(), none), double),
  single: mostly(fc.constantFrom(0.5, -1.25, undefined), double),
  double: mostly(finite, double),
  kept: double,
  lost: fc.oneof(double, none),
  text: mostly(fc.oneof(ascii, none), text),
  short: mostly(fc.constantFrom("", "g", "é", "abcd"), text),
  band: mostly(fc.constantFrom("g", "r", "é"), fc.constant("i")),
  flag: fc.oneof(fc.boolean(), none),
  time: mostly(fc.constantFrom(new Date(0), undefined), fc.date()),
  exact: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
  data: fc.uint8Array(),
  json: mostly(fc.constantFrom(1, "a", [null]), fc.jsonValue()),
  count: fc.oneof(fc.integer(), none),
};
const rowsWithValues = fc.array(fc.record(values), {
  minLength: 1,
  maxLength: 5,
});

/** Stores rows by column, those of some indexes apart. */
function byColumn(
  rows: readonly Readonly<Record<string, unknown>>[],
  apart: ReadonlySet<number>,
): ColumnRows {
  const columns = Object.keys(values).map((name): ColumnValues => {
    const field = Wide.byName.get(name);
    assert.ok(field !== undefined);
    const given = rows.map((row) => row[name]);
    const isEmpty = Uint8Array.from(given, (one) => one === undefined ? 1 : 0);
    return {
      field,
      values: stored(given),
      isEmpty: isEmpty.includes(1) ? isEmpty : undefined,
      empty: field.nullable ? null : undefined,
    };
  });
  const objects = createColumnRows({
    length: rows.length,
    columns,
    apart: new Map(),
  });
  return createColumnRows({
    length: rows.length,
    columns,
    apart: new Map(
      [...objects].entries().filter(([index]) => apart.has(index)),
    ),
  });
}

function stored(given: readonly unknown[]): ColumnValues["values"] {
  if (given.some((one) => typeof one === "bigint")) {
    return BigInt64Array.from(given, (one) => one as bigint);
  }
  return given.every((one) => one === undefined || typeof one === "number")
    ? Float64Array.from(given, (one) => Number(one))
    : given;
}

/** Returns the bytes of rows, and the errors of those that are refused. */
function written(
  length: number,
  write: (index: number) => void,
  to: ByteWriter,
): readonly [Uint8Array, readonly string[]] {
  const errors: string[] = [];
  for (let index = 0; index < length; index++) {
    try {
      write(index);
    } catch (error) {
      assert.ok(error instanceof ValidationError, String(error));
      errors.push(error.message);
    }
  }
  return [to.take(), errors];
}

Deno.test("rows stored by column are written, and refused, as the same rows stored as objects", () => {
  const counts = { refused: 0, whole: 0 };
  const [one, other, all] = [8, 8, 8].map((size) => new ByteWriter(size));
  assert.ok(one !== undefined && other !== undefined && all !== undefined);
  const { encode } = rowEncoders(Wide, Wide.fields, one);
  const { encodeColumns } = rowEncoders(Wide, Wide.fields, other);
  const whole = rowEncoders(Wide, Wide.fields, all);
  fc.assert(
    fc.property(
      rowsWithValues,
      fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 2 }),
      (given, apart) => {
        const rows = byColumn(given, new Set(apart.toSorted()));
        const left = written(
          rows.length,
          (index) => encode(rows.at(index) ?? {}, index),
          one,
        );
        const right = written(
          rows.length,
          (index) => encodeColumns(rows, index, index + 1),
          other,
        );
        assert.deepEqual(right, left);
        if (left[1].length > 0) counts.refused++;
        else {
          whole.encodeColumns(rows, 0, rows.length);
          assert.deepEqual(all.take(), left[0]);
          counts.whole++;
        }
      },
    ),
    { numRuns: 1000 * ROUNDS, seed: 20_261_130 },
  );
  assert.ok(counts.refused > 100 && counts.whole > 100, JSON.stringify(counts));
});
