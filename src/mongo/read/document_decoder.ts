import { Buffer } from "node:buffer";
import type { Document } from "mongodb";
import { BSON } from "../link/mongodb.ts";

/** The first element of a document with an ObjectId, up to its value of 12 bytes. */
const ID = Buffer.from("\x07_id\0", "latin1");
const ID_BYTES = 12;
/** Where elements begin: after the length of the document. */
const START = 4;

/**
 * Returns a function that decodes stored documents, and returns a given document
 * in place of one that is equal byte by byte except for its `_id`: a comparison
 * of bytes takes less time than decoding.
 */
export function documentDecoder(
  given: readonly Document[],
): (stored: Uint8Array) => Document {
  const byBody = new Map(
    given.map((
      document,
    ) => [bodyOf(BSON.serialize(document), START), document]),
  );
  return (stored) => {
    const idEnd = START + ID.length;
    const hasId = ID.equals(stored.subarray(START, idEnd));
    return (hasId ? byBody.get(bodyOf(stored, idEnd + ID_BYTES)) : undefined) ??
      BSON.deserialize(stored, {
        useBigInt64: true,
        validation: { utf8: false },
      });
  };
}

function bodyOf({ buffer, byteOffset, length }: Uint8Array, from: number) {
  return Buffer.from(buffer, byteOffset, length).toString("latin1", from);
}
