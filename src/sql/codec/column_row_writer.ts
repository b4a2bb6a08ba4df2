import { generated } from "../../base/row_class.ts";
import type { Field } from "../../model/field.ts";
import type { ColumnRows } from "../../query/statement/column_rows.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { int64Encoder } from "./encoders.ts";
import {
  NULL_SOURCE,
  roomOf,
  valueSource,
  type WrittenColumn,
} from "./row_writer.ts";

/** Writes rows, from one index to the one before `end`. */
type Write<Result> = (rows: ColumnRows, from: number, end: number) => Result;

/** The values of a written column. */
interface Source {
  readonly column: WrittenColumn;
  /** The position of its values among the columns of the rows; -1 if they have none. */
  readonly position: number;
  /** Whether the values are integers of 64 bits. */
  readonly isInt64: boolean;
  /** Whether rows without a value have null. */
  readonly isNull: boolean;
}

/**
 * Creates the encoder of rows that are stored by column: it writes the same bytes
 * as the encoder of rows, without an object for each.
 *
 * @param fields the fields of the columns
 * @param encode writes the other rows: with values that need more checks, and those that are apart
 */
export function columnEncoder(
  fields: readonly Field[],
  columns: readonly WrittenColumn[],
  to: ByteWriter,
  encode: (row: object, index: number) => void,
): Write<void> {
  const writers = new Map<string, Write<number> | undefined>();

  function writerOf(rows: ColumnRows): Write<number> | undefined {
    const sources = columns.map((column, at): Source => {
      const position = rows.columns.findIndex(({ field }) =>
        field === fields[at]
      );
      const given = rows.columns[position];
      const isInt64 = given?.values instanceof BigInt64Array;
      return { column, position, isInt64, isNull: given?.empty === null };
    });
    const key = sources.map(({ position, isInt64, isNull }) =>
      `${position} ${isInt64} ${isNull}`
    ).join();
    if (!writers.has(key)) writers.set(key, createColumnWriter(sources, to));
    return writers.get(key);
  }

  return (rows, from, end) => {
    let write = writerOf(rows);
    const apart = rows.apart.keys();
    let next = apart.next();
    for (let at = from; at < end;) {
      while (next.done !== true && next.value < at) next = apart.next();
      const most = next.done === true ? end : Math.min(end, next.value);
      const before = to.length;
      try {
        at = write?.(rows, at, most) ?? at;
      } catch {
        // The rows are written one by one, so that the one that throws is found.
        to.truncate(before);
        write = undefined;
      }
      if (at < end) encode(rows.at(at) ?? {}, at++);
    }
  };
}

/**
 * Creates a function that writes rows with values that the encoders accept, and
 * texts in ASCII. It returns the index of the first row that it does not write, or
 * `end`. It is generated JavaScript; undefined if the runtime forbids that.
 */
function createColumnWriter(
  sources: readonly Source[],
  to: ByteWriter,
): Write<number> | undefined {
  const columns = sources.map(({ column }) => column);
  const room = roomOf(columns);
  const refuse = "{ to.truncate(first); return at; }";
  const constants = sources.filter(({ position }) => position >= 0).map((
    { position: n },
  ) => `const { values: c${n}, isEmpty: e${n} } = rows.columns[${n}];`);
  const lines = sources.map(({ column, position, isInt64, isNull }, index) => {
    const write = valueSource(column, index, room, refuse);
    if (position < 0) return `v = missing[${index}](); ${write}`;
    const value = `c${position}[at]`;
    const empty = isNull && column.isNullable ? NULL_SOURCE : refuse;
    const present = isInt64 && column.encoder === int64Encoder
      ? `w.setInt32(p, 8); w.setBigInt64(p + 4, ${value}); p += 12;`
      : `v = ${value}; ${write}`;
    return `if (e${position} !== undefined && e${position}[at] === 1) ${empty}
      else { ${present} }`;
  });
  // The source contains numbers only.
  return generated(
    ["to", "encode", "missing"],
    `return function write(rows, from, end) {
      ${constants.join(" ")}
      let v, s;
      for (let at = from; at < end; at++) {
        const first = to.length;
        let p = to.reserve(${room}), w = to.view, b = to.bytes;
        w.setInt16(p, ${columns.length}); p += 2;
        ${lines.join("\n")}
        to.moveTo(p);
      }
      return end;
    };`,
  )?.(
    to,
    columns.map(({ encode }) => encode),
    columns.map(({ defaultValue }) => defaultValue),
  );
}
