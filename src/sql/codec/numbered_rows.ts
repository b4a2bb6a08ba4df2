import type { RowReader } from "../link/link.ts";

/** Returns the function that reads rows that have an integer before their own columns. It passes the integer to `onNumber` before each row. */
export function numberedRows(
  rows: RowReader,
  onNumber: (number: number) => void,
): RowReader {
  return {
    open(columns) {
      const [first, ...others] = columns;
      const read = rows.open(others);
      return (bytes, view, at, end) => {
        const start = at + 4;
        const next = start + view.getInt32(at);
        onNumber(
          first?.isBinary === true
            ? view.getInt32(start)
            : Number(bytes.toString("latin1", start, next)),
        );
        read(bytes, view, next, end);
      };
    },
  };
}
