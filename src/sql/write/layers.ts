import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { canonical, keyText } from "../../model/canonical.ts";
import { typeProblem } from "../../model/value_problem.ts";
import type { Rows } from "../../query/statement/statement.ts";
import { valueOf } from "../../query/write/values.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { type RowEncoder, rowEncoder } from "../codec/encode.ts";

/** Bytes of encoded rows that go to the server together; it holds no more than two of them. */
const BATCH_BYTES = 4 << 20;
/** Bytes a layer begins with. */
const FIRST_BYTES = 64 << 10;
/** The signature and header of a binary COPY, and its end: PostgreSQL's manual, "COPY", Binary Format. */
const HEADER = Uint8Array.of(
  ...[0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00],
  ...[0, 0, 0, 0, 0, 0, 0, 0],
);
const TRAILER = Uint8Array.of(0xff, 0xff);

/** Encoded rows that write the same columns. */
export interface Layer {
  /** Which fields the rows give, and which columns are written. */
  readonly shape: Shape;
  /** How many. */
  readonly rows: number;
  /** A whole binary COPY. */
  readonly bytes: readonly Uint8Array[];
}

/** The columns that a row writes, by the fields it gives. */
export interface Shape {
  /** The fields the row gives. */
  readonly given: readonly Field[];
  /** The columns, defaults among them. */
  readonly columns: readonly Field[];
}

/** How rows become layers. */
export interface Layering {
  /** The model. */
  readonly model: AnyModel;
  /** The keys by which two rows may be one. */
  readonly keys: readonly (readonly Field[])[];
  /** The fields of them that no row may leave null. */
  readonly required: readonly Field[];
  /** Fields whose absence changes what is written; none where every row writes every column. */
  readonly optional: readonly Field[];
  /** The columns for the optional fields that a row gives. */
  columns(given: readonly Field[]): readonly Field[];
}

/**
 * Encodes rows in turn, in batches. Rows of a batch that give the same fields
 * share a layer. Taking the layers one after the other is the same as taking
 * the rows one after the other: a row never goes to a layer before one that has
 * a key of its.
 */
export async function* batches(
  rows: Rows<object>,
  layering: Layering,
): AsyncGenerator<readonly Layer[]> {
  const sorter = createSorter(layering);
  let index = 0;
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) {
      sorter.add(row, index++);
      if (sorter.full()) yield sorter.take();
    }
  } else {
    for (const row of rows) {
      sorter.add(row, index++);
      if (sorter.full()) yield sorter.take();
    }
  }
  const rest = sorter.take();
  if (rest.length > 0) yield rest;
}

interface OpenLayer {
  readonly shape: Shape;
  readonly writer: ByteWriter;
  readonly encode: RowEncoder;
  rows: number;
}

interface Sorter {
  add(row: object, index: number): void;
  full(): boolean;
  take(): readonly Layer[];
}

function createSorter(layering: Layering): Sorter {
  const { model, keys, required, optional } = layering;
  const shapes = new Map<string, Shape>();
  const spare: OpenLayer[] = [];
  let layers: OpenLayer[] = [];
  let lastLayer = new Map<string, number>();
  let mixed = false;
  let everything: Shape | undefined;
  let lastNames: readonly string[] = [];
  let lastShape: Shape | undefined;

  function layerOf(shape: Shape): OpenLayer {
    const place = spare.findIndex((layer) => layer.shape === shape);
    const [known] = place < 0 ? [] : spare.splice(place, 1);
    if (known !== undefined) {
      known.writer.raw(HEADER);
      return known;
    }
    const writer = new ByteWriter(FIRST_BYTES);
    writer.raw(HEADER);
    return {
      shape,
      writer,
      encode: rowEncoder(model, shape.columns, writer, required),
      rows: 0,
    };
  }

  function shapeOf(row: object): Shape {
    if (optional.length === 0) return everything ??= shapeFor("", []);
    const names = Object.keys(row);
    if (lastShape !== undefined && givesTheSame(row, names, lastNames)) {
      return lastShape;
    }
    let signature = "";
    for (const field of optional) {
      signature += valueOf(row, field) === undefined ? "0" : "1";
    }
    lastNames = names;
    lastShape = shapeFor(
      signature,
      optional.filter((_, place) => signature[place] === "1"),
    );
    return lastShape;
  }

  function shapeFor(signature: string, given: readonly Field[]): Shape {
    const shape = shapes.get(signature) ??
      { given, columns: layering.columns(given) };
    shapes.set(signature, shape);
    return shape;
  }

  /** The earliest layer of the shape that comes after every layer with one of the row's keys. */
  function placed(row: object, shape: Shape): OpenLayer {
    const identities = keys.map((key, number) =>
      keyText([number, ...key.map((field) => heldValue(row, field))])
    );
    const from = Math.max(
      0,
      ...identities.map((identity) => lastLayer.get(identity) ?? 0),
    );
    let place = layers.findIndex((layer, at) =>
      at >= from && layer.shape === shape
    );
    if (place < 0) place = layers.push(layerOf(shape)) - 1;
    for (const identity of identities) lastLayer.set(identity, place);
    return layers[place] ?? layerOf(shape);
  }

  return {
    add(row, index) {
      const shape = shapeOf(row);
      const [first] = layers;
      let layer: OpenLayer;
      if (!mixed && (first === undefined || first.shape === shape)) {
        layer = first ?? layerOf(shape);
        layers[0] = layer;
      } else {
        mixed = true;
        layer = placed(row, shape);
      }
      layer.encode(row, index);
      layer.rows++;
    },
    full: () =>
      layers.length > 0 &&
      layers.reduce((sum, { writer }) => sum + writer.length, 0) >= BATCH_BYTES,
    take() {
      const taken = layers.map((layer): Layer => {
        layer.writer.raw(TRAILER);
        const { shape, rows } = layer;
        layer.rows = 0;
        return { shape, rows, bytes: [layer.writer.take()] };
      });
      spare.push(...layers);
      layers = [];
      lastLayer = new Map();
      mixed = false;
      return taken;
    },
  };
}

/** Whether a row has the same properties as the one before, none of them undefined. */
function givesTheSame(
  row: object,
  names: readonly string[],
  before: readonly string[],
): boolean {
  const values = row as Readonly<Record<string, unknown>>;
  return names.length === before.length &&
    names.every((name, place) =>
      name === before[place] && values[name] !== undefined
    );
}

/** A field's value as the database would hold it, or as it is where no database could. */
function heldValue(row: object, field: Field): unknown {
  const value = valueOf(row, field);
  return typeProblem(field.type, value) === undefined
    ? canonical(field.type, value)
    : value;
}
