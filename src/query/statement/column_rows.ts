import { createRowClass, generated } from "../../base/row_class.ts";
import { setMember } from "../../base/set_member.ts";
import type { Field } from "../../model/field.ts";

/** The values of one field, by the indexes of their rows. */
export interface ColumnValues {
  readonly field: Field;
  /** The values. Those of rows that have none, and of rows that are apart, have no meaning. */
  readonly values: Float64Array | BigInt64Array | readonly unknown[];
  /** 1 for each row that has no value; undefined if all have one. */
  readonly isEmpty: Uint8Array | undefined;
  /** What a row without a value has: null, or undefined, which leaves the field to its default. */
  readonly empty: null | undefined;
}

/**
 * Rows that are stored by column, and do not change. An engine may write the
 * columns; the rows themselves are created when they are iterated, and need no
 * memory until then.
 */
export interface ColumnRows extends Iterable<object> {
  readonly length: number;
  /** The columns, of different fields. */
  readonly columns: readonly ColumnValues[];
  /** Rows that the columns do not contain, by their indexes in ascending order. */
  readonly apart: ReadonlyMap<number, object>;
  /** Returns a row. */
  at(index: number): object | undefined;
}

/** Rows that can be iterated again. */
export type RowList = readonly object[] | ColumnRows;

const created = new WeakSet<object>();

/** Creates rows from their columns. */
export function createColumnRows(
  { length, columns, apart }: Pick<ColumnRows, "length" | "columns" | "apart">,
): ColumnRows {
  let rowOf: ((index: number) => object) | undefined;
  const rows: ColumnRows = {
    length,
    columns,
    apart,
    at(index) {
      if (!(index >= 0 && index < length)) return undefined;
      return apart.get(index) ?? (rowOf ??= rowReader(columns))(index);
    },
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) {
        const row = rows.at(index);
        if (row !== undefined) yield row;
      }
    },
  };
  created.add(rows);
  return rows;
}

/** Whether rows are stored by column. */
export function isColumnRows(rows: object): rows is ColumnRows {
  return created.has(rows);
}

/** Creates the function that creates rows from columns. */
type CreateReader = (
  columns: readonly ColumnValues[],
) => (index: number) => object;

/** What created the last rows with a first column: later rows have the same hidden class. */
const lastOfField = new WeakMap<
  Field,
  { readonly key: string; readonly createReader: CreateReader }
>();

/** Returns the function that creates rows from their columns. */
function rowReader(
  columns: readonly ColumnValues[],
): (index: number) => object {
  const [first] = columns;
  if (first === undefined) return () => ({});
  const key = JSON.stringify(
    columns.map(({ field, empty }) => [field.name, empty === null]),
  );
  const last = lastOfField.get(first.field);
  const createReader = last?.key === key
    ? last.createReader
    : readerCreator(columns);
  lastOfField.set(first.field, { key, createReader });
  return createReader(columns);
}

/** Generates JavaScript, which takes a fraction of the time of a loop, unless the runtime forbids generated code. */
function readerCreator(columns: readonly ColumnValues[]): CreateReader {
  const names = columns.map(({ field }) => field.name);
  // A constructor would change the prototype of the row.
  const Row = names.includes("__proto__")
    ? undefined
    : createRowClass(names, Object.prototype);
  if (Row === undefined) return loopReader;
  const constants = columns.map((_, at) =>
    `{ values: v${at}, isEmpty: e${at} } = columns[${at}]`
  );
  const values = columns.map(({ empty }, at) =>
    `e${at} !== undefined && e${at}[at] === 1 ? ${empty} : v${at}[at]`
  );
  // The source contains numbers only.
  return generated(
    ["Row"],
    `return function create(columns) {
       const ${constants.join(", ")};
       return function read(at) { return new Row(${values.join(", ")}); };
     };`,
  )?.(Row) ?? loopReader;
}

function loopReader(
  columns: readonly ColumnValues[],
): (index: number) => object {
  return (index) => {
    const row: Record<string, unknown> = {};
    for (const { field, values, isEmpty, empty } of columns) {
      const value: unknown = isEmpty?.[index] === 1 ? empty : values[index];
      setMember(row, field.name, value);
    }
    return row;
  };
}
