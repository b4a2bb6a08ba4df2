import type { Field } from "../../model/field.ts";
import type { ColumnPart, Values } from "../parquet/column_part.ts";
import { typedConverter } from "../values/from_typed.ts";
import type { GrowingColumn } from "./growing_columns.ts";

/** Reads the values of one column in some rows of a part. Returns whether all are valid. */
export type ReadPart = (
  part: ColumnPart,
  to: GrowingColumn,
  at: number,
  from: number,
  end: number,
) => boolean;

/** Returns the function that reads the values of a field. */
export function partReader({ type }: Field): ReadPart {
  const convert = typedConverter(type);
  let isValid = true;
  const refuse = (): undefined => void (isValid = false);

  function readEach(
    { values, nulls }: ColumnPart,
    to: GrowingColumn,
    at: number,
    from: number,
    end: number,
  ): boolean {
    isValid = true;
    for (let row = from; row < end && isValid; row++, at++) {
      const value = nulls?.[row] === 1 ? null : values[row] ?? null;
      if (value === null) to.setEmpty(at);
      else isValid = isPut(to.values, at, convert(value, refuse)) && isValid;
    }
    return isValid;
  }

  return (part, to, at, from, end) => {
    if (!areCopied(to.values, at, part.values, from, end)) {
      return readEach(part, to, at, from, end);
    }
    const { nulls } = part;
    if (nulls === undefined) return true;
    for (let row = from; row < end; row++, at++) {
      if (nulls[row] === 1) to.setEmpty(at);
    }
    return true;
  };
}

/** Copies numbers at once; returns false if the arrays have other types. */
function areCopied(
  target: GrowingColumn["values"],
  at: number,
  values: Values,
  from: number,
  end: number,
): boolean {
  if (target instanceof BigInt64Array) {
    if (!(values instanceof BigInt64Array)) return false;
    target.set(values.subarray(from, end), at);
    return true;
  }
  if (!(target instanceof Float64Array)) return false;
  const isNumbers = values instanceof Float64Array ||
    values instanceof Float32Array || values instanceof Int32Array;
  if (isNumbers) target.set(values.subarray(from, end), at);
  return isNumbers;
}

/** Puts a value into an array; returns false if the array holds no such values. */
function isPut(
  target: GrowingColumn["values"],
  at: number,
  value: unknown,
): boolean {
  if (target instanceof Float64Array) {
    if (typeof value !== "number") return false;
    target[at] = value;
  } else if (target instanceof BigInt64Array) {
    const integer = typeof value === "number" && Number.isSafeInteger(value)
      ? BigInt(value)
      : value;
    if (
      typeof integer !== "bigint" || BigInt.asIntN(64, integer) !== integer
    ) return false;
    target[at] = integer;
  } else target[at] = value;
  return true;
}
