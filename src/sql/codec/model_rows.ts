import { typeNameOf } from "./wire/types.ts";
import type { Buffer } from "node:buffer";
import { SchemaError } from "../../base/errors/mod.ts";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Column, RowReader } from "../link/link.ts";
import { fieldReader } from "./column_reader.ts";
import { createRowDecoder, type RowDecoder } from "./row_decoder.ts";
import { type FieldPlan, unreadableRow } from "./unreadable_row.ts";

/** Receives a decoded row. `flag` is the boolean in the column after those of the fields; false if there is none. */
type OnRow = (row: object, flag: boolean) => void;

/** Returns the function that reads rows of a model from a result that has the columns of these fields first, in this order. */
export function modelRows(
  model: AnyModel,
  fields: readonly Field[],
  onRow: OnRow,
): RowReader {
  return {
    open(columns) {
      const { decoder, explain } = decoderOf(model, fields, columns);
      const { decode, end } = decoder;
      const isFlagged = columns.length > fields.length;
      return (bytes, view, at) => {
        let row: object;
        try {
          row = decode(bytes, view, at);
        } catch (error) {
          throw explain(error, bytes, view, at);
        }
        onRow(row, isFlagged && bytes[end() + 4] === 1);
      };
    },
  };
}

/** The decoder of the rows of a model. */
export interface ModelDecoder {
  readonly decoder: RowDecoder;
  /** Whether the last list of many rows was a long one. */
  wasLong: boolean;
  /** Returns the error that names the field that could not be read, and the key of its row. */
  explain(
    error: unknown,
    bytes: Buffer,
    view: DataView,
    at: number,
  ): SchemaError;
}

/** The decoders of a model and its fields: by the columns of a result, and by the types of these columns. */
interface Decoders {
  readonly byColumns: WeakMap<readonly Column[], ModelDecoder>;
  readonly byTypes: Map<string, ModelDecoder>;
}

const decodersOf = cachedByFields((): Decoders => ({
  byColumns: new WeakMap(),
  byTypes: new Map(),
}));

/**
 * Returns the decoder of rows of a model, from a result that has the columns of these fields first, in this order.
 *
 * @throws {SchemaError} if a field cannot read the type of its column
 */
export function decoderOf(
  model: AnyModel,
  fields: readonly Field[],
  columns: readonly Column[],
): ModelDecoder {
  const { byColumns, byTypes } = decodersOf(model, fields);
  const known = byColumns.get(columns);
  if (known !== undefined) return known;
  const types = columns.map(({ type, isBinary }) =>
    `${type}${isBinary ? "b" : "t"}`
  )
    .join();
  const decoder = byTypes.get(types) ?? createDecoder(model, fields, columns);
  byTypes.set(types, decoder);
  byColumns.set(columns, decoder);
  return decoder;
}

/** @throws {SchemaError} if a field cannot read the type of its column */
function createDecoder(
  model: AnyModel,
  fields: readonly Field[],
  columns: readonly Column[],
): ModelDecoder {
  const differences: string[] = [];
  let unreadable: Field | undefined;
  const plans: FieldPlan[] = [];
  for (const [index, field] of fields.entries()) {
    const column = columns[index];
    const read = column === undefined ? undefined : fieldReader(field, column);
    if (column === undefined || read === undefined) {
      unreadable ??= field;
      differences.push(
        `column ${field.column} of ${model.table} has type ${
          typeNameOf(column?.type)
        }, which ${field.type.kind} cannot read`,
      );
    } else plans.push({ field, column, read });
  }
  if (differences.length > 0) {
    throw new SchemaError(
      `Cannot read ${model.name}: ${differences.join("; ")}`,
      { differences, model: model.name, field: unreadable?.name },
    );
  }
  return {
    decoder: createRowDecoder(
      fields.map(({ name }) => name),
      plans.map(({ read }) => read),
      model.prototype,
    ),
    wasLong: false,
    explain: (...args) => unreadableRow(model, plans, ...args),
  };
}
