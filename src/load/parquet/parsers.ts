import type { ParquetParsers } from "hyparquet";
import { dateOfMicroseconds, microsecondsOf } from "../../model/exact_date.ts";
import { parseExactJson } from "../../files/read/exact_json.ts";

/** Values that the library would round or decode otherwise. */
export const PARSERS: Partial<ParquetParsers> = {
  timestampFromMicroseconds: dateOfMicroseconds,
  timestampFromNanoseconds: dateOfNanoseconds,
  jsonFromBytes: (bytes) => parseExactJson(new TextDecoder().decode(bytes)),
  stringFromBytes: textOfBytes,
};

/** The most bytes of a text that is built from its codes, which takes less time than a decoder. */
const SHORT = 32;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the text of bytes; the bytes if they are not UTF-8, which a field refuses. */
function textOfBytes(bytes: Uint8Array): string | Uint8Array {
  const short = bytes.length > SHORT ? undefined : asciiText(bytes);
  if (short !== undefined) return short;
  try {
    return UTF8.decode(bytes);
  } catch {
    return bytes;
  }
}

function asciiText(bytes: Uint8Array): string | undefined {
  let text = "";
  for (const code of bytes) {
    if (code > 127) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}

/** Returns the date of nanoseconds; a text if it has digits below the microsecond, which a field refuses. */
function dateOfNanoseconds(time: bigint): unknown {
  const rest = ((time % 1000n) + 1000n) % 1000n;
  const date = dateOfMicroseconds((time - rest) / 1000n);
  if (rest === 0n) return date;
  const digits = `${microsecondsOf(date) ?? 0}`.padStart(3, "0") +
    `${rest}`.padStart(3, "0");
  return `${date.toISOString().slice(0, -1)}${digits}Z`;
}
