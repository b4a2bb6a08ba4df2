import type { Document } from "mongodb";
import { BSON } from "../link/mongodb.ts";
import type { Field } from "../../model/field.ts";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { AnyModel } from "../../model/types.ts";
import { elementNames, hasValidNames } from "./bson/elements.ts";
import {
  createRowReader,
  type FieldReader,
  type RowReader,
} from "./bson/row_reader.ts";
import { invalidTextError } from "./decode_field.ts";
import { codecOf } from "./field_codec.ts";
import { rowClass, rowDecoder } from "./row_decoder.ts";

/** Decodes the bytes of documents as rows of a model. */
export type BsonRowDecoder = (documents: readonly Uint8Array[]) => object[];

const EXACT_INTEGERS = { useBigInt64: true } as const;
/** The greatest number of element orders that get a reader of their own. */
const MAX_READERS = 8;

/**
 * The decoder of a model's rows with these fields, from bytes, without a
 * document object in between. It assumes the element order of the previous
 * document. A document with anything unexpected is deserialized by the driver
 * and decoded by {@link rowDecoder}, with the same result.
 */
export const bsonRowDecoder: (
  model: AnyModel,
  fields: readonly Field[],
) => BsonRowDecoder = cachedByFields((model, fields) => {
  const decode = rowDecoder(model, fields);
  const Row = rowClass(model, fields);
  const fieldReaders = fields.map(fieldReader);
  const columns = fields.map(({ column }) => column);
  const deserialize = createDeserializer(model, fields);
  const readers = new Map<string, RowReader>();
  let reader = createRowReader(fieldReaders, columns, Row);

  /** The reader for the element order of a document; undefined if there are too many orders. */
  function readerFor(document: Uint8Array): RowReader | undefined {
    // Missing elements are expected at the end.
    const order = [...new Set([...elementNames(document), ...columns])];
    const key = order.join("\0");
    const known = readers.get(key);
    if (known !== undefined || readers.size >= MAX_READERS) return known;
    const created = createRowReader(fieldReaders, order, Row);
    readers.set(key, created);
    return created;
  }

  return (documents) => {
    let bytes: Uint8Array = new Uint8Array();
    let view: DataView = new DataView(bytes.buffer);
    return documents.map((document) => {
      const { buffer, byteOffset: from, byteLength } = document;
      if (view.buffer !== buffer) {
        bytes = new Uint8Array(buffer);
        view = new DataView(buffer);
      }
      const end = from + byteLength;
      const row = reader(bytes, view, from, end);
      if (row !== undefined) return row;
      const other = readerFor(document);
      if (other !== undefined && other !== reader) {
        reader = other;
        const row = other(bytes, view, from, end);
        if (row !== undefined) return row;
      }
      return decode(deserialize(document));
    });
  };
});

/**
 * The function that deserializes a document, and throws if the text of a field
 * is not valid UTF-8. Other texts of the document do not matter.
 */
function createDeserializer(
  model: AnyModel,
  fields: readonly Field[],
): (document: Uint8Array) => Document {
  const checked = (some: readonly Field[]): BSON.DeserializeOptions => {
    const utf8: Record<string, true> = {};
    for (const { column } of some) utf8[column] = true;
    return { ...EXACT_INTEGERS, validation: { utf8 } };
  };
  const all = checked(fields);
  const json = fields.filter(({ type }) => type.kind === "json");
  return (document) => {
    let deserialized;
    try {
      deserialized = BSON.deserialize(document, all);
    } catch (error) {
      deserialized = BSON.deserialize(document, {
        ...EXACT_INTEGERS,
        validation: { utf8: false },
      });
      const invalid = fields.find((field) => !hasValidText(document, field));
      if (invalid === undefined) throw error;
      throw invalidTextError(model, invalid, deserialized);
    }
    const invalid = json.find(({ column }) => !hasValidNames(document, column));
    if (invalid === undefined) return deserialized;
    throw invalidTextError(model, invalid, deserialized);
  };

  function hasValidText(document: Uint8Array, field: Field): boolean {
    try {
      BSON.deserialize(document, checked([field]));
      return true;
    } catch {
      return false;
    }
  }
}

function fieldReader({ column, type, nullable }: Field): FieldReader {
  const { sources, decode } = codecOf(type);
  return {
    column,
    nullable,
    sources,
    isText: (text) => decode(text) !== undefined,
    inner: (bsonType, bytes) => decode(deserializeValue(bsonType, bytes)),
  };
}

/** Deserializes a value as the only element, with an empty name, of a document; returns undefined if its text is not valid UTF-8. */
function deserializeValue(bsonType: number, bytes: Uint8Array): unknown {
  const document = new Uint8Array(bytes.length + 7);
  new DataView(document.buffer).setInt32(0, document.length, true);
  document[4] = bsonType;
  document.set(bytes, 6);
  try {
    return BSON.deserialize(document, EXACT_INTEGERS)[""];
  } catch {
    return undefined;
  }
}
