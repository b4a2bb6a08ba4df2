import type { DecodedArray } from "hyparquet";
import type { FieldType } from "../../model/field.ts";
import { columnValues } from "./column_values.ts";
import type { ExportedField } from "./exported_field.ts";

/** Rows that become a row group of a file. */
export interface RowGroup {
  /** Adds a row. */
  add(row: object): void;
  /** Returns the number of rows. */
  rows(): number;
  /** Returns the characters and bytes of their texts. */
  size(): number;
  /** The columns; the values of one are created when they are read. */
  readonly columns: readonly {
    readonly name: string;
    readonly data: DecodedArray;
    readonly encoding?: "PLAIN";
  }[];
  /** Forgets the rows. */
  clear(): void;
}

/** Collects the rows of one row group at a time. */
export function rowGroup(fields: readonly ExportedField[]): RowGroup {
  const columns = fields.map(({ name, type }) => ({
    name,
    column: columnValues(name, type),
    // A dictionary of the library takes 0 and -0 for one value.
    options: isFloat(type) ? { encoding: "PLAIN" as const } : {},
  }));
  let [rows, size] = [0, 0];
  return {
    add(row) {
      for (const { column } of columns) size += column.add(row);
      rows++;
    },
    rows: () => rows,
    size: () => size,
    columns: columns.map(({ name, column, options }) => ({
      name,
      ...options,
      get data() {
        return column.values();
      },
    })),
    clear() {
      for (const { column } of columns) column.clear();
      [rows, size] = [0, 0];
    },
  };
}

function isFloat(type: FieldType): boolean {
  return type.kind === "array"
    ? isFloat(type.item)
    : type.kind === "float32" || type.kind === "float64";
}
