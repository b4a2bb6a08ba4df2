import { EARLIEST_DATE } from "../../../model/value_problem.ts";

/**
 * JavaScript source that reads one BSON type into the variable `v<index>`. The
 * row reader around it provides the bytes `b`, a `DataView` `w`, the BSON type
 * `t`, the position `p` of the value, a scratch variable `n`, and the functions
 * `text`, `isText`, `inner` and `json`. It moves `p` behind the value, and returns
 * undefined from the row reader if the field cannot hold the value.
 */
export type ValueSource = (index: number) => string;

/** BSON double. */
export function doubleSource(index: number): string {
  return `if (t === 1) { v${index} = w.getFloat64(p, true); p += 8; }`;
}

/** BSON double that is a 32-bit integer; -0 is 0. */
export function wholeDoubleSource(index: number): string {
  return `if (t === 1) { n = w.getFloat64(p, true); v${index} = n | 0; if (v${index} !== n) return undefined; p += 8; }`;
}

/** BSON double that is a number in single precision. */
export function singleDoubleSource(index: number): string {
  return `if (t === 1) { v${index} = w.getFloat64(p, true); if (Math.fround(v${index}) !== v${index} && v${index} === v${index}) return undefined; p += 8; }`;
}

/** BSON int. */
export function int32Source(index: number): string {
  return `if (t === 16) { v${index} = w.getInt32(p, true); p += 4; }`;
}

/** BSON int of 16 bits. */
export function int16Source(index: number): string {
  return `if (t === 16) { v${index} = w.getInt32(p, true); if ((v${index} << 16 >> 16) !== v${index}) return undefined; p += 4; }`;
}

/** BSON int that is a number in single precision. */
export function singleInt32Source(index: number): string {
  return `if (t === 16) { v${index} = w.getInt32(p, true); if (Math.fround(v${index}) !== v${index}) return undefined; p += 4; }`;
}

/** BSON long. */
export function int64Source(index: number): string {
  return `if (t === 18) { v${index} = w.getBigInt64(p, true); p += 8; }`;
}

/** BSON long that a number represents exactly. */
export function exactInt64Source(index: number): string {
  return `if (t === 18) { n = w.getBigInt64(p, true); v${index} = Number(n); if (BigInt(v${index}) !== n) return undefined; p += 8; }`;
}

/** BSON int, as a bigint. */
export function int32AsBigintSource(index: number): string {
  return `if (t === 16) { v${index} = BigInt(w.getInt32(p, true)); p += 4; }`;
}

/** BSON string. */
export function stringSource(index: number): string {
  return `if (t === 2) { n = w.getInt32(p, true) + 3; v${index} = text(b, p + 4, p + n); if (v${index} === undefined) return undefined; p += n + 1; }`;
}

/** BSON string that the field must accept. */
export function checkedStringSource(index: number): string {
  return `if (t === 2) { n = w.getInt32(p, true) + 3; v${index} = text(b, p + 4, p + n); if (v${index} === undefined || !isText[${index}](v${index})) return undefined; p += n + 1; }`;
}

/** BSON bool. */
export function booleanSource(index: number): string {
  return `if (t === 8 && b[p] < 2) { v${index} = b[p] === 1; p += 1; }`;
}

/** BSON date that is a time of PostgreSQL, or infinite. */
export function dateSource(index: number): string {
  return `if (t === 9) { n = w.getInt32(p + 4, true) * 4294967296 + w.getUint32(p, true); if (n > 8.64e15 || (n < ${EARLIEST_DATE} && n !== -8.64e15)) return undefined; v${index} = new Date(n); p += 8; }`;
}

/** BSON binary data. */
export function binarySource(index: number): string {
  return `if (t === 5) { n = w.getInt32(p, true) + 5; v${index} = inner[${index}](t, b.subarray(p, p + n)); if (v${index} === undefined) return undefined; p += n; }`;
}

/** BSON array. */
export function arraySource(index: number): string {
  return `if (t === 4) { n = w.getInt32(p, true); v${index} = inner[${index}](t, b.subarray(p, p + n)); if (v${index} === undefined) return undefined; p += n; }`;
}

/** Any BSON type that JSON has. */
export function jsonSource(index: number): string {
  return `if (t !== 10) { v${index} = json(t, b, w, p); if (v${index} === undefined) return undefined; p += size(w, t, p); }`;
}
