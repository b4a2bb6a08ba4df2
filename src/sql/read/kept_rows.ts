import { Buffer } from "node:buffer";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { modelRows } from "../codec/model_rows.ts";
import type { ReadRow, RowReader } from "../link/link.ts";

/** The size of the first buffer, in bytes. It doubles as needed. */
const FIRST_SIZE = 1 << 16;

/** The rows of one result at a time, as they were received. */
export interface KeptRows {
  /** Keeps the rows of a result. */
  readonly reader: RowReader;
  /** Returns the number of rows. */
  count(): number;
  /** Decodes the rows one by one, and forgets them at the end. */
  decoded(): Iterable<object>;
}

/**
 * Keeps rows of a model as bytes until the caller asks for each of them. So a
 * row lives only as long as the caller uses it, and most rows are gone at the
 * next garbage collection, instead of growing the heap.
 */
export function keepRows(
  model: AnyModel,
  fields: readonly Field[],
): KeptRows {
  let row: object = {};
  const rows = modelRows(model, fields, (decoded) => row = decoded);
  let read: ReadRow | undefined;
  let bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  let view = viewOf(bytes);
  /** Where each row ends; it begins where the one before it ends. */
  const ends: number[] = [];
  let length = 0;

  function keep(from: Buffer, _: DataView, at: number, end: number): void {
    const size = length + end - at;
    if (size > bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size, bytes.length * 2));
      bytes.copy(grown, 0, 0, length);
      bytes = grown;
      view = viewOf(bytes);
    }
    from.copy(bytes, length, at, end);
    length = size;
    ends.push(length);
  }

  return {
    reader: {
      open(columns) {
        read = rows.open(columns);
        return keep;
      },
    },
    count: () => ends.length,
    *decoded() {
      let at = 0;
      for (const end of ends) {
        read?.(bytes, view, at, end);
        yield row;
        at = end;
      }
      ends.length = 0;
      length = 0;
    },
  };
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
