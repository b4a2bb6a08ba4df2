import { BSON } from "mongodb";
import type { Field } from "../../model/field.ts";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { AnyModel } from "../../model/types.ts";
import { rowDecoder, rowMaker } from "./decode.ts";
import { elementsOf } from "./bson/elements.ts";
import {
  type InnerReader,
  type Program,
  program,
  type TextCheck,
} from "./row_program.ts";
import { isStoredText, valueRead } from "./values.ts";

/** Makes rows of a model out of the bytes of documents. */
export type BytesDecoder = (documents: readonly Uint8Array[]) => object[];

/** How the driver reads documents whose bytes are not asked for. */
const READING = { useBigInt64: true, validation: { utf8: false } } as const;
/** Orders of elements for which a program is written; documents in others are read as the driver reads them. */
const PROGRAMS = 8;

/**
 * The decoder of a model's rows with these fields, which spares making a
 * document of the driver's first. It goes by the order that the last document
 * had its elements in. What it does not expect, it leaves to the driver's BSON
 * and {@link rowDecoder}, so that both always mean the same.
 */
export const bytesDecoder: (
  model: AnyModel,
  fields: readonly Field[],
) => BytesDecoder = cachedByFields(created);

function created(model: AnyModel, fields: readonly Field[]): BytesDecoder {
  const decode = rowDecoder(model, fields);
  const Row = rowMaker(model, fields);
  const inner = fields.map(innerReader);
  const takes = fields.map(textCheck);
  const columns = fields.map(({ column }) => column);
  const programs = new Map<string, Program>();
  let current = program(fields, columns, Row, inner, takes);

  /** The program for documents that are in the order of this one, where there is one. */
  function learned(document: Uint8Array): Program | undefined {
    // What this one lacks is looked for at the end.
    const order = [...new Set([...elementsOf(document), ...columns])];
    const key = order.join("\0");
    const known = programs.get(key);
    if (known !== undefined || programs.size >= PROGRAMS) return known;
    const made = program(fields, order, Row, inner, takes);
    programs.set(key, made);
    return made;
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
      const row = current(bytes, view, from, end);
      if (row !== undefined) return row;
      const other = learned(document);
      if (other !== undefined && other !== current) {
        current = other;
        const row = other(bytes, view, from, end);
        if (row !== undefined) return row;
      }
      return decode(BSON.deserialize(document, READING));
    });
  };
}

function innerReader({ type }: Field): InnerReader {
  return (code, bytes) => {
    const alone = new Uint8Array(bytes.length + 7);
    new DataView(alone.buffer).setInt32(0, alone.length, true);
    alone[4] = code;
    alone.set(bytes, 6);
    return valueRead(type, BSON.deserialize(alone, READING)[""]);
  };
}

function textCheck({ type }: Field): TextCheck {
  if (type.kind !== "enum") return (text) => isStoredText(type, text);
  const values = new Set(type.values);
  return (text) => values.has(text);
}
