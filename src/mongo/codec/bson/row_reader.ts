import { valueSize } from "./elements.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { readJson } from "./json_reader.ts";
import type { ValueSource } from "./value_source.ts";

/** Reads the row between two positions; returns undefined if the bytes hold anything unexpected. */
export type RowReader = (
  bytes: Uint8Array,
  view: DataView,
  from: number,
  end: number,
) => object | undefined;

/** How a row reader reads one field. */
export interface FieldReader {
  /** The element's name. */
  readonly column: string;
  /** Whether null or a missing element is allowed. */
  readonly nullable: boolean;
  /** Source for each BSON type that the field accepts unchanged. */
  readonly sources: readonly ValueSource[];
  /** Reads an embedded array; returns undefined if the field cannot hold it. */
  readonly inner: (type: number, bytes: Uint8Array) => unknown;
  /** Whether the field accepts a text. */
  readonly isText: (text: string) => boolean;
}

const encoder = new TextEncoder();

/**
 * Generates a reader for documents whose elements have one order; any of them
 * may be missing. The generated JavaScript has no loop: it compares each name
 * with the expected one, four bytes at a time.
 *
 * @param order the element names, with all fields among them; other elements are skipped
 */
export function createRowReader(
  fields: readonly FieldReader[],
  order: readonly string[],
  Row: new (...values: readonly unknown[]) => object,
): RowReader {
  const readings = new Map(
    fields.map((field, index) => [field.column, readSource(field, index)]),
  );
  const steps = order.map((column) =>
    elementSource(column, readings.get(column) ?? "p += size(w, t, p);")
  );
  const values = fields.map((_, index) => `v${index}`);
  const required = values.filter((_, index) => !fields[index]?.nullable);
  const isWhole = [
    "p === e - 1",
    ...required.map((value) => `${value} !== null`),
  ].join(" && ");
  // The source contains numbers only: no names, no values.
  const create = new Function(
    "Row",
    "text",
    "inner",
    "isText",
    "json",
    "size",
    `return function read(b, w, p, e) {
  let t, n, ${values.map((value) => `${value} = null`).join(", ")};
  p += 4;
  ${steps.join("\n  ")}
  return ${isWhole} ? new Row(${values.join(", ")}) : undefined;
};`,
  );
  return create(
    Row,
    decodeUtf8,
    fields.map(({ inner }) => inner),
    fields.map(({ isText }) => isText),
    readJson,
    valueSize,
  );
}

/** Runs a source if the element at `p` has this name, with its type as `t` and `p` at its value. */
function elementSource(column: string, source: string): string {
  const name = encoder.encode(`${column}\0`);
  const size = name.length + 1;
  return `if (p + ${size} < e && ${
    nameSource(name)
  }) { t = b[p]; p += ${size}; ${source} }`;
}

/** Reads a value of any accepted type, or null. */
function readSource({ sources }: FieldReader, index: number): string {
  const reads = sources.map((source) => `${source(index)} else `);
  return `${reads.join("")}if (t !== 10) return undefined;`;
}

/** Whether a name, with its final zero, follows the type at `p`. */
function nameSource(name: Uint8Array): string {
  const view = new DataView(name.buffer, name.byteOffset, name.byteLength);
  const parts: string[] = [];
  let offset = 0;
  for (; offset + 4 <= name.length; offset += 4) {
    const word = view.getUint32(offset, true);
    parts.push(`w.getUint32(p + ${offset + 1}, true) === ${word}`);
  }
  for (; offset < name.length; offset++) {
    parts.push(`b[p + ${offset + 1}] === ${name[offset]}`);
  }
  return parts.join(" && ");
}
