// A stored document that equals a given one is the given one; any other is decoded.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Binary, BSON, ObjectId } from "mongodb";
import { documentDecoder } from "../../../src/mongo/read/document_decoder.ts";

const value = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.array(fc.oneof(fc.integer(), fc.string(), fc.constant(null))),
  fc.uint8Array().map((bytes) => new Binary(bytes)),
);
const document = fc.dictionary(fc.constantFrom("a", "b", "c", "é"), value);

Deno.test("a document decoder finds given documents and decodes the others", () => {
  fc.assert(
    fc.property(
      fc.array(document, { maxLength: 5 }),
      fc.array(document, { maxLength: 5 }),
      fc.constantFrom<unknown>(new ObjectId(), 1, "id", undefined),
      (given, others, id) => {
        const decode = documentDecoder(given);
        for (const stored of [...given, ...others]) {
          const bytes = BSON.serialize(
            id === undefined ? stored : { _id: id, ...stored },
          );
          const whole = BSON.deserialize(bytes, { useBigInt64: true });
          const { _id, ...body } = whole;
          const decoded = decode(bytes);
          const known = given.indexOf(decoded);
          if (known < 0) assert.deepEqual(decoded, whole);
          else {
            assert.deepEqual(BSON.serialize(decoded), BSON.serialize(body));
          }
          const isGiven = id instanceof ObjectId && given.includes(stored);
          assert.ok(known >= 0 || !isGiven);
        }
      },
    ),
  );
});
