import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { assertRow } from "../../query/checks/rows.ts";
import { withReadableRows } from "../../query/checks/unreadable_row.ts";
import type { Rows } from "../../query/statement/statement.ts";
import { valueOf } from "../../query/write/values.ts";
import {
  giveBackEncoders,
  type LayerEncoder,
  takeEncoder,
} from "./layer_encoder.ts";
import {
  addTo,
  closed,
  type Layer,
  type OpenLayer,
  type Shape,
} from "./layer.ts";
import type { OwnReference } from "./own_references.ts";
import { rowIdentities } from "./row_identities.ts";

/** The maximum number of shapes that a layering keeps for later calls. */
const KEPT_SHAPES = 100;
/** The maximum number of rows that one statement writes without a temporary table. */
export const SMALL_ROWS = 1_000;
/** The size of a batch of encoded rows, in bytes. At most two batches are in memory. */
const BATCH_BYTES = 4 << 20;
/** The size of the first batch of more rows than {@link SMALL_ROWS}, in bytes: the server waits for it. */
const FIRST_BATCH_BYTES = 512 << 10;

/** The rules for grouping rows into layers. */
export interface Layering {
  /** The model. */
  readonly model: AnyModel;
  /** The keys that can make two rows write the same table row. */
  readonly keys: readonly (readonly Field[])[];
  /** The fields that cannot be null. */
  readonly required: readonly Field[];
  /** Fields that change the columns if they are missing; empty if all rows write all columns. */
  readonly optional: readonly Field[];
  /** The foreign keys by which rows refer to each other. */
  readonly references: readonly OwnReference[];
  /** Whether keys are equal in the database only if they are the same values. If not, rows keep their order. */
  readonly isExact: boolean;
  /** A field of integers that begins the key of the rows. If its values ascend, no two rows have the same key. */
  readonly ascending: Field | undefined;
  /** Fields that are encoded as their texts, because the binary format would round their values. */
  readonly texts: readonly Field[];
  /** The shapes of earlier rows, by which of the optional fields they have. */
  readonly shapes: Map<string, Shape>;
  /** Returns the columns for the optional fields of a row. */
  columns(given: readonly Field[]): readonly Field[];
}

/** A batch of encoded rows. */
export interface Batch {
  readonly layers: readonly Layer[];
  /** Whether no batch follows. */
  readonly isLast: boolean;
}

/**
 * Encodes rows in batches. Rows of a batch with the same fields share a layer.
 * Writing the layers in order has the same result as writing the rows in order:
 * a row is never in an earlier layer than a preceding row with one of its keys, or
 * one that it refers to.
 */
export function encodeBatches(
  rows: Rows<object>,
  layering: Layering,
): Iterable<Batch> | AsyncIterable<Batch> {
  return Symbol.asyncIterator in rows
    ? encodeReceived(rows, layering)
    : encodeGiven(rows, layering);
}

async function* encodeReceived(
  rows: AsyncIterable<object>,
  layering: Layering,
): AsyncGenerator<Batch> {
  const sorter = createSorter(layering);
  try {
    for await (const row of rows) if (sorter.add(row)) yield sorter.batch();
    yield* sorter.rest();
  } finally {
    sorter.end();
  }
}

function* encodeGiven(
  rows: Iterable<object>,
  layering: Layering,
): Generator<Batch> {
  const sorter = createSorter(layering);
  try {
    for (const row of rows) if (sorter.add(row)) yield sorter.batch();
    yield* sorter.rest();
  } finally {
    sorter.end();
  }
}

interface Sorter {
  /** Adds a row. Returns whether the rows so far are a whole batch. */
  add(row: object): boolean;
  /** Returns a batch of the rows so far, which others follow. */
  batch(): Batch;
  /** Returns the last batch, if there are rows for one. */
  rest(): readonly Batch[];
  /** Ends the use of the encoders. */
  end(): void;
}

function createSorter(layering: Layering): Sorter {
  const { model, required, optional, ascending, texts, isExact } = layering;
  const identities = rowIdentities(layering);
  const shapes = new Map<string, Shape>();
  const encoders = new Map<Shape, LayerEncoder>();
  let layers: OpenLayer[] = [];
  let lastLayerOfKey = new Map<string, number>();
  let isMixed = false;
  let allColumns: Shape | undefined;
  let lastNames: readonly string[] = [];
  let lastShape: Shape | undefined;
  let index = 0;
  let bytes = 0;
  let batchBytes = FIRST_BATCH_BYTES;

  function openLayer(shape: Shape): OpenLayer {
    const encoder = encoders.get(shape) ??
      takeEncoder(model, shape, required, texts);
    encoders.set(shape, encoder);
    return { shape, encoder, parts: [], rows: 0, range: undefined };
  }

  function shapeOf(row: object): Shape {
    if (optional.length === 0) return allColumns ??= shapeFor("", []);
    const names = Object.keys(row);
    if (lastShape !== undefined && hasSameFields(row, names, lastNames)) {
      return lastShape;
    }
    let signature = "";
    for (const field of optional) {
      signature += valueOf(row, field) === undefined ? "0" : "1";
    }
    lastNames = names;
    lastShape = shapeFor(
      signature,
      optional.filter((_, index) => signature[index] === "1"),
    );
    return lastShape;
  }

  function shapeFor(signature: string, given: readonly Field[]): Shape {
    const shape = shapes.get(signature) ??
      keptShape(layering, signature, given);
    shapes.set(signature, shape);
    return shape;
  }

  /** Returns the earliest layer of the shape that is not before a layer with one of the row's keys, or with a row that it refers to. */
  function layerFor(row: object, shape: Shape): OpenLayer {
    if (!isExact) {
      const last = layers.at(-1);
      if (last?.shape === shape) return last;
      const next = openLayer(shape);
      layers.push(next);
      return next;
    }
    const { own, needed } = identities(row);
    const from = Math.max(
      0,
      ...needed.map((identity) => lastLayerOfKey.get(identity) ?? 0),
    );
    let index = from;
    while (index < layers.length && layers[index]?.shape !== shape) index++;
    if (index === layers.length) layers.push(openLayer(shape));
    for (const identity of own) lastLayerOfKey.set(identity, index);
    return layers[index] ?? openLayer(shape);
  }

  function take(isLast: boolean): Batch {
    const taken = layers.map(closed);
    for (const { writer } of encoders.values()) writer.truncate(0);
    layers = [];
    lastLayerOfKey = new Map();
    isMixed = false;
    bytes = 0;
    batchBytes = BATCH_BYTES;
    return { layers: taken, isLast };
  }

  const addRow = withReadableRows(model, (row, index): boolean => {
    assertRow(model, row, index);
    const shape = shapeOf(row);
    const [first] = layers;
    let layer: OpenLayer;
    if (!isMixed && (first === undefined || first.shape === shape)) {
      layer = first ?? openLayer(shape);
      layers[0] = layer;
    } else {
      isMixed = true;
      layer = layerFor(row, shape);
    }
    bytes += addTo(layer, row, index, ascending);
    return bytes >= BATCH_BYTES || bytes >= batchBytes && index >= SMALL_ROWS;
  });

  return {
    add: (row) => addRow(row, index++),
    batch: () => take(false),
    rest: () => layers.length === 0 ? [] : [take(true)],
    end: () => giveBackEncoders(model, [...encoders.values()]),
  };
}

/** Returns the shape of rows that have these of the optional fields, and no others. */
export function shapeOfFields(
  layering: Layering,
  given: readonly Field[],
): Shape {
  const signature = layering.optional
    .map((field) => given.includes(field) ? "1" : "0").join("");
  return keptShape(layering, signature, given);
}

function keptShape(
  { shapes, columns }: Layering,
  signature: string,
  given: readonly Field[],
): Shape {
  const known = shapes.get(signature);
  if (known !== undefined) return known;
  const shape = { given, columns: columns(given) };
  if (shapes.size < KEPT_SHAPES) shapes.set(signature, shape);
  return shape;
}

/** Whether a row has the same properties as the previous one, and none is undefined. */
function hasSameFields(
  row: object,
  names: readonly string[],
  previous: readonly string[],
): boolean {
  const values = row as Readonly<Record<string, unknown>>;
  return names.length === previous.length &&
    names.every((name, index) =>
      name === previous[index] && values[name] !== undefined
    );
}
