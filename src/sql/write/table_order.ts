import type { AnyModel } from "../../model/types.ts";
import { giveBytes } from "../codec/batch_buffers.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import type { Layer, Shape } from "./layer.ts";
import { sortedColumns } from "./sorted_columns.ts";
import { type SortedColumns, sortedCopy } from "./sorted_copy.ts";

/** The rows of layers in the order in which the server inserts them with the least work. */
export interface TableOrder {
  /** Returns the data of a COPY of a layer in this order. The layer keeps its own order, which decides between rows with equal keys. */
  bytesOf(layer: Layer): Uint8Array;
  /** Ends the use of a layer that is written. */
  end(layer: Layer): void;
}

/** Creates the order for a table. */
export function createTableOrder(
  model: AnyModel,
  facts: TableFacts,
): TableOrder {
  const columnsOf = new Map<Shape, SortedColumns | undefined>();
  const sorted = new WeakMap<Layer, Uint8Array>();

  function bytesOf(layer: Layer): Uint8Array {
    const { shape, rows, bytes, range } = layer;
    if (range !== undefined) return bytes;
    const known = sorted.get(layer);
    if (known !== undefined) return known;
    const columns = columnsOf.has(shape)
      ? columnsOf.get(shape)
      : sortedColumns(model, shape, facts);
    columnsOf.set(shape, columns);
    const found = columns === undefined
      ? bytes
      : sortedCopy(bytes, rows, columns);
    sorted.set(layer, found);
    return found;
  }

  return {
    bytesOf,
    end(layer) {
      giveBytes(layer.bytes);
      giveBytes(sorted.get(layer) ?? layer.bytes);
      sorted.delete(layer);
    },
  };
}
