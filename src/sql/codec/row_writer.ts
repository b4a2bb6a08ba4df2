import type { ByteWriter } from "./byte_writer.ts";
import {
  type BinaryEncoder,
  booleanEncoder,
  type EncoderOf,
  float32Encoder,
  float64Encoder,
  int16Encoder,
  int32Encoder,
  int64Encoder,
  textEncoder,
} from "./encoders.ts";
import { generated } from "../../base/row_class.ts";

/** A column of the rows that a writer writes. */
export interface WrittenColumn {
  readonly name: string;
  /** What creates the encoder; undefined if values need more than its checks. */
  readonly encoder: EncoderOf<never> | undefined;
  /** Checks and writes a value. */
  readonly encode: BinaryEncoder;
  readonly isNullable: boolean;
  /** Returns the value of a row that has none. */
  readonly defaultValue: () => unknown;
}

/** A value of a fixed length: the condition that a value `v` is one, and what writes it at `p` into the view `w` or the bytes `b`. */
interface Fixed {
  readonly length: number;
  readonly condition: string;
  readonly write: string;
}

const FIXED: ReadonlyMap<unknown, Fixed> = new Map<unknown, Fixed>([
  [int16Encoder, {
    length: 2,
    condition: 'typeof v === "number" && (v << 16 >> 16) === v',
    write: "w.setInt16(p + 4, v);",
  }],
  [int32Encoder, {
    length: 4,
    condition: 'typeof v === "number" && (v | 0) === v',
    write: "w.setInt32(p + 4, v);",
  }],
  [int64Encoder, {
    length: 8,
    condition: 'typeof v === "bigint" && BigInt.asIntN(64, v) === v',
    write: "w.setBigInt64(p + 4, v);",
  }],
  [float32Encoder, {
    length: 4,
    condition:
      'typeof v === "number" && ((s = Math.fround(v)) !== 0 ? s - s === 0 : v === 0)',
    write: "w.setFloat32(p + 4, v);",
  }],
  [float64Encoder, {
    length: 8,
    condition: 'typeof v === "number" && v - v === 0',
    write: "w.setFloat64(p + 4, v);",
  }],
  [booleanEncoder, {
    length: 1,
    condition: 'typeof v === "boolean"',
    write: "b[p + 4] = v ? 1 : 0;",
  }],
]);

/**
 * Creates a function that writes the common rows of a binary COPY: with values
 * that the encoders accept, and texts in ASCII. It returns the number of
 * properties that it used, or -1 for any other row: then the caller must remove
 * the written bytes. It is generated JavaScript, which takes a third of the time
 * of a loop over encoders. Undefined if the runtime forbids generated code.
 */
export function createRowWriter(
  columns: readonly WrittenColumn[],
  to: ByteWriter,
): ((row: object) => number) | undefined {
  const room = roomOf(columns);
  const lines = columns.map((column, index) =>
    [
      `v = row[${JSON.stringify(column.name)}];`,
      `if (v === undefined) v = missing[${index}](); else given++;`,
      valueSource(column, index, room, "return -1;"),
    ].join(" ")
  );
  return generated(
    ["to", "encode", "missing"],
    `return function write(row) {
      let p = to.reserve(${room}), w = to.view, b = to.bytes, given = 0, v, s;
      w.setInt16(p, ${columns.length}); p += 2;
      ${lines.join("\n")}
      to.moveTo(p);
      return given;
    };`,
  )?.(
    to,
    columns.map(({ encode }) => encode),
    columns.map(({ defaultValue }) => defaultValue),
  );
}

/** Bytes that the columns up to the next text need at most, in addition to those of the text. */
const HEADER = 4;
const LONGEST = 12;

/** Returns the bytes that a row needs at most, in addition to those of its texts. */
export function roomOf(columns: readonly WrittenColumn[]): number {
  return columns.length * LONGEST + HEADER;
}

/** The source that writes null at `p`. */
export const NULL_SOURCE = "{ w.setInt32(p, -1); p += 4; }";

/**
 * Returns the source that writes the value `v` at `p`.
 *
 * @param index the index of the column in `encode`
 * @param room the bytes of {@link roomOf}
 * @param refuse the statement for a value that is not written
 */
export function valueSource(
  { encoder, isNullable }: WrittenColumn,
  index: number,
  room: number,
  refuse: string,
): string {
  const orNull = isNullable ? `if (v === null) ${NULL_SOURCE} else ` : "";
  return orNull + presentSource(encoder, index, room, refuse);
}

function presentSource(
  encoder: WrittenColumn["encoder"],
  index: number,
  room: number,
  refuse: string,
): string {
  const fixed = FIXED.get(encoder);
  if (fixed !== undefined) {
    const { condition, length, write } = fixed;
    return `if (${condition}) { w.setInt32(p, ${length}); ${write} p += ${
      4 + length
    }; } else ${refuse}`;
  }
  const reserve = (size: string): string =>
    `to.moveTo(p); to.reserve(${size} + ${room}); w = to.view; b = to.bytes;`;
  if (encoder === textEncoder) {
    return `if (typeof v === "string") {
      const n = v.length;
      if (p + n + ${room} > b.length) { ${reserve("n")} }
      const start = p; p += 4;
      for (let i = 0; i < n; i++) { const c = v.charCodeAt(i); if (c === 0 || c > 0x7f) ${refuse} b[p++] = c; }
      w.setInt32(start, n);
    } else ${refuse}`;
  }
  return `{ to.moveTo(p); if (!encode[${index}](v)) ${refuse} p = to.length; ${
    reserve("0")
  } }`;
}
