import type { DecodedArray } from "hyparquet";
import { type MemberReader, memberReader } from "../../base/member_reader.ts";
import type { FieldType } from "../../model/field.ts";
import { storedForm } from "./stored_form.ts";

/** The values of a column in a row group that is not yet written. */
export interface ColumnValues {
  /** Adds the value of a row. Returns the characters or bytes of a text. */
  add(row: object): number;
  /** Returns the values. */
  values(): DecodedArray;
  /** Forgets the values. */
  clear(): void;
}

/** Collects the values of a field. Numbers take no memory of the heap. */
export function columnValues(name: string, type: FieldType): ColumnValues {
  const read = memberReader(name);
  const stored = storedForm(type);
  switch (type.kind) {
    case "int16":
    case "int32":
      return numberValues(
        read,
        stored,
        (size) => new Int32Array(size),
        isInt32,
      );
    case "float32":
      return numberValues(
        read,
        stored,
        (size) => new Float32Array(size),
        isNumber,
      );
    case "float64":
      return numberValues(
        read,
        stored,
        (size) => new Float64Array(size),
        isNumber,
      );
    case "int64":
    case "date":
      return numberValues(
        read,
        stored,
        (size) => new BigInt64Array(size),
        isInt64,
      );
    default:
      return anyValues(read, stored);
  }
}

/** The values that an array has at first. */
const FIRST_SIZE = 1_024;

/** A typed array of values of a type. */
interface NumberArray<T> extends Iterable<T> {
  [index: number]: T;
  readonly length: number;
  set(values: ArrayLike<T>): void;
  subarray(begin: number, end: number): DecodedArray;
}

function numberValues<T>(
  read: MemberReader,
  stored: (value: unknown) => unknown,
  create: (size: number) => NumberArray<T> & ArrayLike<T>,
  fits: (value: unknown) => value is T,
): ColumnValues {
  let array = create(FIRST_SIZE);
  let count = 0;
  /** Null, and what the file format refuses, by position. */
  let others = new Map<number, unknown>();
  return {
    add(row) {
      if (count === array.length) {
        const grown = create(2 * count);
        grown.set(array);
        array = grown;
      }
      const value = read(row);
      const form = value === null || value === undefined ? null : stored(value);
      if (fits(form)) array[count] = form;
      else others.set(count, form);
      count++;
      return 0;
    },
    values: () =>
      others.size === 0 ? array.subarray(0, count) : Array.from(
        { length: count },
        (_, at) => others.has(at) ? others.get(at) : array[at],
      ),
    clear() {
      count = 0;
      others = new Map();
    },
  };
}

function anyValues(
  read: MemberReader,
  stored: (value: unknown) => unknown,
): ColumnValues {
  let values: unknown[] = [];
  return {
    add(row) {
      const value = read(row);
      const form = value === null || value === undefined ? null : stored(value);
      values.push(form);
      return sizeOf(form);
    },
    values: () => values,
    clear() {
      values = [];
    },
  };
}

function isInt32(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isInt64(value: unknown): value is bigint {
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
}

function sizeOf(value: unknown): number {
  return typeof value === "string" || value instanceof Uint8Array ||
      Array.isArray(value)
    ? value.length
    : 0;
}
