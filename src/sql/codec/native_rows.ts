import { DatabaseError } from "../../base/errors/mod.ts";
import type { Column, RowReader } from "../link/link.ts";
import { loopDecoder } from "./row_decoder.ts";
import { reasonOf } from "./unreadable_row.ts";
import type { ValueReader } from "./wire/value_reader.ts";

/**
 * Returns the function that reads rows of a native query, with a property for each column.
 *
 * @param readerOf returns the function that reads the values of a column
 */
export function nativeRows(
  readerOf: (column: Column) => ValueReader,
  prototype: object,
  onRow: (row: object) => void,
): RowReader {
  return {
    open(columns) {
      const readers = columns.map((column) => named(column, readerOf(column)));
      const names = columns.map(({ name }) => name);
      const { decode } = loopDecoder(names, readers, prototype);
      return (bytes, view, at) => onRow(decode(bytes, view, at));
    },
  };
}

/** Returns a reader whose errors name the column. */
function named({ name }: Column, read: ValueReader): ValueReader {
  return (...value) => {
    try {
      return read(...value);
    } catch (error) {
      throw new DatabaseError(
        `Cannot read column ${name} of a native query: it ${
          reasonOf(error)
        }. Cast it to text in the query`,
        { cause: error },
      );
    }
  };
}
