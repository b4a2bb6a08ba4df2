import type { Field, FieldType } from "../../model/field.ts";
import type { RowMaker } from "./decode.ts";
import { sizeOf } from "./bson/elements.ts";
import { utf8 } from "./bson/utf8.ts";

/** Makes a row of a document's bytes, from one place in them to another; undefined where there is something in it that it does not expect. */
export type Program = (
  bytes: Uint8Array,
  view: DataView,
  from: number,
  end: number,
) => object | undefined;

/** Reads an element's value that is a document or an array; undefined where its field cannot hold it. */
export type InnerReader = (type: number, bytes: Uint8Array) => unknown;

/** Whether a field takes a text. */
export type TextCheck = (text: string) => boolean;

const encoder = new TextEncoder();

/**
 * Writes the program for documents whose elements come in an order, any of
 * them missing, as JavaScript without a loop: each name is compared with the
 * one expected, four bytes at a time, and the type by which a value is read is
 * one that its field takes as it is.
 *
 * @param order the names of elements, all fields' among them; what is no field's is passed over
 * @param inner reads documents and arrays, field by field
 * @param takes which texts are right, field by field, where not all are
 */
export function program(
  fields: readonly Field[],
  order: readonly string[],
  Row: RowMaker,
  inner: readonly InnerReader[],
  takes: readonly TextCheck[],
): Program {
  const readings = new Map(
    fields.map(({ column, type }, place) => [column, reading(type, place)]),
  );
  const steps = order.map((column) =>
    step(column, readings.get(column) ?? "p += size(w, t, p);")
  );
  const values = fields.map((_, place) => `v${place}`);
  const required = values.flatMap((value, place) =>
    fields[place]?.nullable === false ? `${value} !== null` : []
  );
  const whole = ["p === e - 1", ...required].join(" && ");
  // Nothing but numbers goes into the text.
  const make = new Function(
    "Row",
    "text",
    "inner",
    "takes",
    "size",
    `return function read(b, w, p, e) {
  let t, n, ${values.map((value) => `${value} = null`).join(", ")};
  p += 4;
  ${steps.join("\n  ")}
  return ${whole} ? new Row(${values.join(", ")}) : undefined;
};`,
  );
  return make(Row, utf8, inner, takes, sizeOf);
}

/** Does something where the element at `p` has this name: with its type as `t`, and `p` at its value, which is left at the next element. */
function step(column: string, then: string): string {
  const name = encoder.encode(`${column}\0`);
  const size = name.length + 1;
  return `if (p + ${size} < e && ${
    compared(name)
  }) { t = b[p]; p += ${size}; ${then} }`;
}

function reading({ kind }: FieldType, place: number): string {
  const reads = READS[kind].map((read) => `${read(place)} else `);
  return `${reads.join("")}if (t !== 10) return undefined;`;
}

/** Whether a name, with the zero at its end, stands after `p`. */
function compared(name: Uint8Array): string {
  const view = new DataView(name.buffer, name.byteOffset, name.byteLength);
  const parts: string[] = [];
  let at = 0;
  for (; at + 4 <= name.length; at += 4) {
    parts.push(
      `w.getUint32(p + ${at + 1}, true) === ${view.getUint32(at, true)}`,
    );
  }
  for (; at < name.length; at++) {
    parts.push(`b[p + ${at + 1}] === ${name[at]}`);
  }
  return parts.join(" && ");
}

type Read = (place: number) => string;

const double: Read = (place) =>
  `if (t === 1) { v${place} = w.getFloat64(p, true); p += 8; }`;
const wholeDouble: Read = (place) =>
  `if (t === 1) { v${place} = w.getFloat64(p, true); if ((v${place} | 0) !== v${place}) return undefined; p += 8; }`;
const int32: Read = (place) =>
  `if (t === 16) { v${place} = w.getInt32(p, true); p += 4; }`;
const int64: Read = (place) =>
  `if (t === 18) { v${place} = w.getBigInt64(p, true); p += 8; }`;
const narrowInt64: Read = (place) =>
  `if (t === 16) { v${place} = BigInt(w.getInt32(p, true)); p += 4; }`;
const string: Read = (place) =>
  `if (t === 2) { n = w.getInt32(p, true) + 3; v${place} = text(b, p + 4, p + n); p += n + 1; }`;
const checkedString: Read = (place) =>
  `if (t === 2) { n = w.getInt32(p, true) + 3; v${place} = text(b, p + 4, p + n); if (!takes[${place}](v${place})) return undefined; p += n + 1; }`;
const boolean: Read = (place) =>
  `if (t === 8 && b[p] < 2) { v${place} = b[p] === 1; p += 1; }`;
const date: Read = (place) =>
  `if (t === 9) { n = w.getInt32(p + 4, true) * 4294967296 + w.getUint32(p, true); if (n > 8.64e15 || n < -8.64e15) return undefined; v${place} = new Date(n); p += 8; }`;
const embedded = (code: number): Read => (place) =>
  `if (t === ${code}) { n = w.getInt32(p, true); v${place} = inner[${place}](t, b.subarray(p, p + n)); if (v${place} === undefined) return undefined; p += n; }`;

/** By a field's kind how the types of BSON's are read that it takes. */
const READS: Readonly<Record<FieldType["kind"], readonly Read[]>> = {
  int32: [int32, wholeDouble],
  int64: [int64, narrowInt64],
  float32: [double, int32],
  float64: [double, int32],
  string: [string],
  enum: [checkedString],
  uuid: [checkedString],
  boolean: [boolean],
  date: [date],
  json: [string, double, int32, boolean, embedded(3), embedded(4)],
  array: [embedded(4)],
};
