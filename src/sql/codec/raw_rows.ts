import type { Buffer } from "node:buffer";
import type { RawRow, RowReader } from "../link/link.ts";
import { utf8Reader } from "./wire/scalars.ts";
import { SETTING_DEPENDENT } from "./wire/types.ts";

/** Returns the function that reads rows as texts, from a result that was requested as text. */
export function rawRows(onRow: (row: RawRow) => void): RowReader {
  return {
    open(columns) {
      const unstable = columns.find(({ type }) => SETTING_DEPENDENT.has(type));
      if (unstable !== undefined) {
        throw new TypeError(
          `The text of column ${unstable.name} depends on settings of the session: cast it to a stable type, or read it as a value`,
        );
      }
      return (bytes, view, at) => onRow(readTexts(bytes, view, at));
    },
  };
}

/** Reads a row as texts. The number of its columns precedes the first length. */
function readTexts(bytes: Buffer, view: DataView, at: number): RawRow {
  const texts: (string | null)[] = [];
  for (let count = view.getInt16(at - 2); count > 0; count--) {
    const length = view.getInt32(at);
    at += 4;
    if (length < 0) texts.push(null);
    else {
      texts.push(utf8Reader(bytes, view, at, length));
      at += length;
    }
  }
  return texts;
}
