import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { type RowEncoders, rowEncoders } from "../codec/encode.ts";

/** The initial size of a layer, in bytes. */
const FIRST_BYTES = 8 << 10;
/** The size up to which an encoder is kept for the next call, in bytes. */
const KEPT_BYTES = 256 << 10;
/** The maximum number of encoders that are kept for a model. */
const KEPT_ENCODERS = 20;

/** Encoders of rows, and what they write to. */
export interface LayerEncoder extends RowEncoders {
  readonly writer: ByteWriter;
  /** What decides the encoder, besides the model. */
  readonly key: string;
}

/** The keys of shapes: a shape belongs to one layering, and so to these fields. */
const keys = new WeakMap<object, string>();
const kept = new WeakMap<AnyModel, LayerEncoder[]>();

/** Returns an encoder that no other call uses; its creation takes longer than a row. */
export function takeEncoder(
  model: AnyModel,
  shape: { readonly columns: readonly Field[] },
  required: readonly Field[],
  texts: readonly Field[],
): LayerEncoder {
  const { columns } = shape;
  const key = keys.get(shape) ??
    [columns, required, texts].map((fields) =>
      fields.map(({ name }) => name).join()
    ).join(" ");
  keys.set(shape, key);
  const encoders = kept.get(model) ?? [];
  const index = encoders.findIndex((encoder) => encoder.key === key);
  const [known] = index < 0 ? [] : encoders.splice(index, 1);
  if (known !== undefined) return known;
  const writer = new ByteWriter(FIRST_BYTES);
  return {
    ...rowEncoders(model, columns, writer, required, texts),
    writer,
    key,
  };
}

/** Keeps encoders for later calls. */
export function giveBackEncoders(
  model: AnyModel,
  encoders: readonly LayerEncoder[],
): void {
  const known = kept.get(model) ?? [];
  kept.set(model, known);
  for (const encoder of encoders) {
    if (encoder.writer.bytes.length > KEPT_BYTES) {
      encoder.writer.end();
      continue;
    }
    encoder.writer.truncate(0);
    known.push(encoder);
  }
  known.splice(0, known.length - KEPT_ENCODERS);
}
