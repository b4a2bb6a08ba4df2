import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { unknownFields } from "../../query/checks/field_names.ts";
import {
  defaultValue,
  storedValue,
  valueOf,
} from "../../query/write/values.ts";
import { columnProblem, rowError } from "./encode.ts";
import { writeText } from "./value_text.ts";

/** Writes one row as a text for each column, or throws a `ValidationError` with all problems of the row. */
export type TextEncoder = (
  row: object,
  index: number,
) => readonly (string | null)[];

/**
 * Creates the encoder of a model's rows with these columns, for statements
 * instead of COPY. It accepts the same rows as `rowEncoder`.
 *
 * @param key fields that find a row, and therefore cannot be null
 */
export function textEncoder(
  model: AnyModel,
  columns: readonly Field[],
  key: readonly Field[],
): TextEncoder {
  return (row, index) => {
    if (unknownFields(model, row, index).length > 0) {
      throw rowError(model, columns, key, row, index);
    }
    return columns.map((field) => {
      const value = valueOf(row, field) ?? defaultOf(row, field);
      if (columnProblem(field, value, key) !== undefined) {
        throw rowError(model, columns, key, row, index);
      }
      const stored = storedValue(field, value);
      return stored === null ? null : writeText(field, stored);
    });
  };
}

function defaultOf(row: object, field: Field): unknown {
  return valueOf(row, field) === undefined ? defaultValue(field) : null;
}
