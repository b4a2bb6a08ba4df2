import type { Field } from "../../model/field.ts";
import { valueOf } from "../../query/write/values.ts";
import { takeBytes } from "../codec/batch_buffers.ts";
import { COPY_HEADER, COPY_TRAILER } from "../codec/copy_format.ts";
import { extended, type Range } from "./ascending.ts";
import type { LayerEncoder } from "./layer_encoder.ts";

/** Encoded rows with the same columns. */
export interface Layer {
  /** The fields of the rows, and the columns that they write. */
  readonly shape: Shape;
  /** The number of rows. */
  readonly rows: number;
  /** The data of one binary COPY. */
  readonly bytes: Uint8Array;
  /** The first and the last value of {@link Layering.ascending}, if each row has a greater one than the row before. */
  readonly range: Range | undefined;
}

/** The columns that a row writes, depending on the fields that it has. */
export interface Shape {
  /** The fields of the row. */
  readonly given: readonly Field[];
  /** The columns, including those with defaults. */
  readonly columns: readonly Field[];
}

/** A layer that rows are added to. All layers of a shape share its encoder. */
export interface OpenLayer {
  readonly shape: Shape;
  readonly encoder: LayerEncoder;
  /** Where the encoder wrote the rows: the beginning and the end of each part, in their order. */
  readonly parts: number[];
  rows: number;
  range: Range | undefined;
}

/**
 * Adds a row to a layer. Returns the number of its bytes.
 *
 * @param ascending the field whose range the layer has, if there is one
 */
export function addTo(
  layer: OpenLayer,
  row: object,
  index: number,
  ascending: Field | undefined,
): number {
  const { encoder: { writer, encode }, parts } = layer;
  const start = writer.length;
  encode(row, index);
  const end = writer.length;
  if (parts.at(-1) === start) parts[parts.length - 1] = end;
  else parts.push(start, end);
  layer.rows++;
  if (ascending !== undefined) {
    const value = valueOf(row, ascending);
    layer.range = extended(layer.range, layer.rows === 1, value);
  }
  return end - start;
}

/** Returns a layer with the bytes of its rows. */
export function closed(
  { shape, encoder: { writer }, parts, rows, range }: OpenLayer,
): Layer {
  const contents: Uint8Array[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    contents.push(writer.bytes.subarray(parts[index], parts[index + 1]));
  }
  return { shape, rows, bytes: copyOf(contents), range };
}

/** Returns the layer of all rows of some layers with the same shape. */
export function joinedLayer(
  [first, ...others]: readonly [Layer, ...Layer[]],
): Layer {
  const layers = [first, ...others];
  const contents = layers.map(({ bytes }) =>
    bytes.subarray(COPY_HEADER.length, -COPY_TRAILER.length)
  );
  return {
    shape: first.shape,
    rows: layers.reduce((sum, { rows }) => sum + rows, 0),
    bytes: copyOf(contents),
    range: undefined,
  };
}

/** Returns the data of one COPY of encoded rows. */
function copyOf(contents: readonly Uint8Array[]): Uint8Array {
  const size = contents.reduce((sum, { length }) => sum + length, 0);
  const length = COPY_HEADER.length + size + COPY_TRAILER.length;
  const bytes = takeBytes(length).subarray(0, length);
  bytes.set(COPY_HEADER);
  let at = COPY_HEADER.length;
  for (const content of contents) {
    bytes.set(content, at);
    at += content.length;
  }
  bytes.set(COPY_TRAILER, at);
  return bytes;
}
