import type { TextReader } from "./value_reader.ts";

/** The flags of a range: `RANGE_EMPTY` and others of PostgreSQL's `rangetypes.h`. */
const EMPTY = 0x01;
const LOWER_INCLUSIVE = 0x02;
const UPPER_INCLUSIVE = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;

/** Returns the reader of ranges as text: `[1,5)`. */
export function rangeTextReader(bound: TextReader): TextReader {
  return (bytes, view, at) => {
    const flags = bytes[at] ?? 0;
    if ((flags & EMPTY) !== 0) return "empty";
    let next = at + 1;
    const read = (infinite: number): string => {
      if ((flags & infinite) !== 0) return "";
      const length = view.getInt32(next);
      const text = bound(bytes, view, next + 4, length);
      next += 4 + length;
      return quotedBound(text);
    };
    const lower = read(LOWER_INFINITE);
    const upper = read(UPPER_INFINITE);
    return `${(flags & LOWER_INCLUSIVE) !== 0 ? "[" : "("}${lower},${upper}${
      (flags & UPPER_INCLUSIVE) !== 0 ? "]" : ")"
    }`;
  };
}

/** Returns the reader of multiranges as text: `{[1,5),[7,9)}`. */
export function multirangeTextReader(range: TextReader): TextReader {
  return (bytes, view, at) => {
    const count = view.getInt32(at);
    const ranges: string[] = [];
    let next = at + 4;
    for (let index = 0; index < count; index++) {
      const length = view.getInt32(next);
      ranges.push(range(bytes, view, next + 4, length));
      next += 4 + length;
    }
    return `{${ranges.join(",")}}`;
  };
}

/** Quotes a bound if it needs quotes, as PostgreSQL's `range_bound_escape` does. */
function quotedBound(text: string): string {
  return text === "" || /["\\()[\],\s]/.test(text)
    ? `"${text.replaceAll(/["\\]/g, "$&$&")}"`
    : text;
}
