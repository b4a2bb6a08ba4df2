// Decoding the bytes of documents gives the same rows as the driver's own deserialization.
import { type AnyModel, defineModel } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Binary,
  BSON,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  ObjectId,
} from "mongodb";
import { z } from "zod";
import { bsonRowDecoder } from "../../../src/mongo/codec/bson_row_decoder.ts";
import { rowDecoder } from "../../../src/mongo/codec/row_decoder.ts";
import { property } from "../../support/arbitraries.ts";
import { anyCharacter } from "../../support/code_points.ts";

const Odd: AnyModel = defineModel("odd", {
  fields: z.object({
    id: z.int64(),
    "": z.string().nullable(),
    constructor: z.string().nullable(),
    d: z.float64().nullable(),
    d0: z.float64().nullable(),
    b: z.boolean().nullable(),
    "名前": z.string().nullable().meta({ column: "n" }),
    matrix: z.array(z.array(z.float64().nullable())).nullable(),
  }),
  primaryKey: ["id"],
});

const numbers = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 2 ** 53),
);
const texts = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.string({ minLength: 25, maxLength: 40 }),
  fc.constantFrom("\ufeffname", "é".repeat(16), "x".repeat(5_000), "🔭"),
);
/** Any value in a document. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  numbers,
  numbers.map((value) => new Double(value)),
  fc.integer().map((value) => new Int32(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer().map((value) => Long.fromNumber(value)),
  texts,
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(
    null,
    new ObjectId("64b7f8a1c2d3e4f5a6b7c8d9"),
    new Binary(new Uint8Array([1, 2])),
    Decimal128.fromString("1.5"),
    { $ref: "star", $id: 1 },
    { a: { b: [1n, null] }, $x: 2 },
  ),
  fc.array(fc.option(fc.oneof(texts, numbers)), { maxLength: 3 }),
  fc.array(fc.array(fc.option(numbers), { maxLength: 2 }), { maxLength: 2 }),
);

function rightIn(
  { type }: AnyModel["fields"][number],
): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "int64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "int16":
      return fc.integer({ min: -32768, max: 32767 });
    case "int32":
      return fc.integer();
    case "float32":
    case "float64":
      return numbers;
    case "boolean":
      return fc.boolean();
    case "date":
      return fc.date({ noInvalidDate: true });
    case "json":
      return fc.json().map((text): unknown => JSON.parse(text));
    case "array":
      return type.item.kind === "array"
        ? fc.array(fc.array(fc.option(numbers)))
        : fc.array(texts);
    default:
      return texts;
  }
}

/** Documents of a model, in repeated and other orders, with missing, invalid and unknown fields. */
function documents(model: AnyModel): fc.Arbitrary<readonly Document[]> {
  const fields = model.fields.map((field) =>
    fc.tuple(
      fc.constant(field.column),
      fc.oneof(
        { arbitrary: rightIn(field), weight: 40 },
        { arbitrary: fc.constant(null), weight: 4 },
        { arbitrary: anything, weight: 1 },
      ),
    )
  );
  const whole = fc.tuple(...fields);
  const unknown = fc.tuple(fc.constantFrom("x", "zz"), anything);
  const some = fc.tuple(...fields, unknown).chain((pairs) =>
    fc.shuffledSubarray(pairs)
  );
  return fc.array(
    fc.oneof(
      whole,
      whole.map((pairs) => pairs.toReversed()),
      whole.map((pairs) => pairs.filter((_, index) => index % 3 !== 0)),
      some,
    ).map((pairs) => Object.fromEntries(pairs)),
    { minLength: 1, maxLength: 6 },
  );
}

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

function assertSame(
  model: AnyModel,
  fields: AnyModel["fields"],
  bytes: readonly Uint8Array[],
): void {
  const decode = rowDecoder(model, fields);
  const whole = (document: Uint8Array): object =>
    decode(
      BSON.deserialize(document, {
        useBigInt64: true,
        validation: { utf8: false },
      }),
    );
  assert.deepEqual(
    outcome(() => bsonRowDecoder(model, fields)(bytes)),
    outcome(() => bytes.map(whole)),
  );
}

/** Documents as in a reply: in one buffer. */
function together(all: readonly Uint8Array[]): readonly Uint8Array[] {
  const size = all.reduce((sum, { length }) => sum + length, 0);
  const memory = new Uint8Array(size);
  let from = 0;
  return all.map((bytes) => {
    memory.set(bytes, from);
    return memory.subarray(from, from += bytes.length);
  });
}

const models: readonly AnyModel[] = [Star, Odd];
for (const model of models) {
  Deno.test(`rows of any documents of ${model.table} equal those from the driver's deserialization`, async () => {
    await property(2_000, documents(model), (given) => {
      const bytes = together(given.map((one) => BSON.serialize(one)));
      assertSame(model, model.fields, bytes);
      assertSame(model, model.fields, given.map((one) => BSON.serialize(one)));
      assertSame(model, model.fields.slice(0, 3), bytes);
      return Promise.resolve();
    });
  });
}

Deno.test("an invalid boolean, a duplicate element and an empty document are decoded as by the driver", () => {
  // A new decoder, which has seen no other orders.
  const fields = Odd.fields.filter(({ name }) => name !== "matrix");
  const twice = BSON.serialize({ id: 1n, d: 1.5, e: 2.5 });
  twice[twice.lastIndexOf("e".charCodeAt(0))] = "d".charCodeAt(0);
  const nothing = BSON.serialize({});
  const neither = BSON.serialize({ id: 1n, b: true });
  neither[neither.length - 2] = 2;
  const each = [neither, twice, nothing];
  for (const all of [...each.map((one) => [one]), each.slice(1)]) {
    assertSame(Odd, fields, together(all));
  }
});

Deno.test("text that is not valid UTF-8 is an error that names the field, wherever it stands", () => {
  const texts: readonly Document[] = [
    { n: "ab" },
    { constructor: "c".repeat(99) },
    { matrix: [["ab"]] },
    { matrix: { a: { ab: 1 } } },
  ];
  for (const text of texts) {
    const [column = ""] = Object.keys(text);
    const bytes = BSON.serialize({ id: 7n, ...text, other: "x" });
    bytes[bytes.lastIndexOf("b".charCodeAt(0))] = 0xc3;
    if (column === "constructor") bytes[bytes.length - 19] = 0xff;
    const decode = bsonRowDecoder(Odd, Odd.fields);
    assert.throws(() => decode([bytes]), {
      name: "SchemaError",
      message:
        `Cannot read odd with id 7: ${column} contains text that is not valid UTF-8`,
    });
  }
  // Text outside the model does not matter.
  const other = BSON.serialize({ id: 7n, zz: "ab" });
  other[other.lastIndexOf("b".charCodeAt(0))] = 0xc3;
  assert.equal(bsonRowDecoder(Odd, Odd.fields)([other]).length, 1);
});

Deno.test("documents with ever new element orders are decoded correctly", () => {
  const pairs = Odd.fields.map(({ column }, index): [string, unknown] => [
    column,
    index === 0 ? 1n : null,
  ]);
  const orders = pairs.flatMap((_, from) =>
    pairs.map((_, to) => {
      const others = pairs.toSpliced(from, 1);
      return others.toSpliced(to, 0, ...pairs.slice(from, from + 1));
    })
  );
  const all = orders.map((order) => BSON.serialize(Object.fromEntries(order)));
  assertSame(Odd, Odd.fields.toReversed(), together(all));
});
