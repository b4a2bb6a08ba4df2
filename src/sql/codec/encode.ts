import { ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { isLeftToServer } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { isNotFinite, valueProblem } from "../../model/value_problem.ts";
import { unknownFields } from "../../query/checks/field_names.ts";
import { withReadableRows } from "../../query/checks/unreadable_row.ts";
import type { ColumnRows } from "../../query/statement/column_rows.ts";
import {
  defaultOf,
  defaultValue,
  isStoredAsNull,
  storedValue,
} from "../../query/write/values.ts";
import { binaryEncoder, writeNotFinite } from "./binary.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { BinaryEncoder } from "./encoders.ts";
import { codecOf } from "./kinds.ts";
import { columnEncoder } from "./column_row_writer.ts";
import { createRowWriter, type WrittenColumn } from "./row_writer.ts";
import { writeText } from "./value_text.ts";

/** Writes one row as a tuple of a binary COPY, or throws a `ValidationError` with all problems of the row. */
type RowEncoder = (row: object, index: number) => void;

/** The prepared encoder of one column. */
interface ColumnPlan {
  readonly field: Field;
  readonly name: string;
  readonly encode: BinaryEncoder;
  /** Whether every object inherits a property of this name. */
  readonly inherited: boolean;
  readonly isNullable: boolean;
  readonly defaultValue: () => unknown;
}

/** Writes rows that are stored by column, from one index to the one before `end`. */
type ColumnEncoder = (
  rows: ColumnRows,
  from: number,
  end: number,
) => void;

/** The encoders of the same columns. */
export interface RowEncoders {
  readonly encode: RowEncoder;
  readonly encodeColumns: ColumnEncoder;
}

/**
 * Creates the encoders of a model's rows with these columns. They reject rows with
 * unknown properties.
 *
 * @param key fields that find a row, and therefore cannot be null
 * @param texts fields that are written as their texts, because the binary format would round their values
 * @param createWriter creates what writes the common rows; without it, a loop over the columns writes all rows
 */
export function rowEncoders(
  model: AnyModel,
  columns: readonly Field[],
  to: ByteWriter,
  key: readonly Field[] = [],
  texts: readonly Field[] = [],
  createWriter: typeof createRowWriter = createRowWriter,
): RowEncoders {
  const encoderOf = (field: Field): BinaryEncoder =>
    texts.includes(field) ? textOfValue(field, to) : binaryEncoder(field, to);
  const plans = columns.map((field): ColumnPlan => ({
    field,
    name: field.name,
    encode: field.refine === undefined ? encoderOf(field) : () => false,
    inherited: field.name in Object.prototype,
    isNullable: field.nullable && !key.includes(field),
    defaultValue: defaultOf(field),
  }));
  const encodeChecked = new Map(
    columns.map((field) => [field, encoderOf(field)]),
  );

  function writeSlowly({ field }: ColumnPlan, value: unknown): boolean {
    if (columnProblem(field, value, key) !== undefined) return false;
    const stored = storedValue(field, value);
    if (stored === null) to.int32(-1);
    else if (texts.includes(field)) to.text(writeText(field, stored));
    else if (typeof stored === "number" && isNotFinite(stored)) {
      writeNotFinite(field.type, stored, to);
    } else return encodeChecked.get(field)?.(stored) ?? false;
    return true;
  }

  /** Writes a value, if it is valid. */
  function writeValue(plan: ColumnPlan, value: unknown): boolean {
    const before = to.length;
    if (plan.encode(value)) return true;
    to.truncate(before);
    return writeSlowly(plan, value);
  }

  /** Writes a row column by column; returns the number of properties that it used. */
  function writeColumns(row: object, index: number, start: number): number {
    const values = row as Readonly<Record<string, unknown>>;
    let given = 0;
    to.int16(plans.length);
    for (const plan of plans) {
      let value = plan.inherited && !Object.hasOwn(row, plan.name)
        ? undefined
        : values[plan.name];
      if (value === undefined) value = plan.defaultValue();
      else given++;
      if (value === null && plan.isNullable) to.int32(-1);
      else if (!writeValue(plan, value)) {
        to.truncate(start);
        throw rowError(model, columns, key, row, index);
      }
    }
    return given;
  }

  const written = plans.map((plan): WrittenColumn => ({
    ...plan,
    encode: (value) => writeValue(plan, value),
    encoder: plan.field.refine === undefined &&
        plan.field.type.kind !== "array" && !texts.includes(plan.field)
      ? codecOf(plan.field).binary
      : undefined,
  }));
  // A generated writer would find the inherited properties.
  const write = plans.some(({ inherited }) => inherited)
    ? undefined
    : createWriter(written, to);

  const encode: RowEncoder = (row, index) => {
    const start = to.length;
    let given = write?.(row) ?? -1;
    if (given < 0) {
      to.truncate(start);
      given = writeColumns(row, index, start);
    }
    if (given !== Object.keys(row).length) {
      const unknown = unknownFields(model, row, index);
      if (unknown.length > 0) throw new ValidationError(model.name, unknown);
    }
  };
  return {
    encode,
    encodeColumns: columnEncoder(
      columns,
      written,
      to,
      withReadableRows(model, encode),
    ),
  };
}

/** Creates the error with all problems of a row. */
function rowError(
  model: AnyModel,
  columns: readonly Field[],
  key: readonly Field[],
  row: object,
  index: number,
): ValidationError {
  const found = unknownFields(model, row, index);
  for (const field of columns) {
    const own = Object.hasOwn(row, field.name)
      ? Reflect.get(row, field.name)
      : undefined;
    const value: unknown = own === undefined ? defaultValue(field) : own;
    const reason = columnProblem(field, value, key);
    if (reason !== undefined) {
      found.push({ index, field: field.name, value, reason });
    }
  }
  return new ValidationError(model.name, found);
}

/** Returns why a value cannot be written to a column, or undefined if it can. */
function columnProblem(
  field: Field,
  value: unknown,
  key: readonly Field[],
): string | undefined {
  const isMissing = key.includes(field) &&
    (value === null || value === undefined || isStoredAsNull(field, value));
  return isMissing && (field.nullable || isLeftToServer(field))
    ? "is required: it is part of the key that finds the row"
    : valueProblem(field, value);
}

/** Creates the encoder of the text of a value. It accepts the same values as the binary one. */
function textOfValue(field: Field, to: ByteWriter): BinaryEncoder {
  const check = binaryEncoder(field, to);
  return (value) => {
    const before = to.length;
    if (!check(value)) return false;
    to.truncate(before);
    return to.text(writeText(field, value));
  };
}
