/** The longest text, in bytes, that is decoded byte by byte: for short ASCII text this is faster than `TextDecoder`. */
const SHORT = 32;

const codesByLength = Array.from(
  { length: SHORT + 1 },
  (_, length) => Array.from({ length }, () => 0),
);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Decodes the bytes from `from` to `end`; returns undefined if they are not valid UTF-8. */
export function decodeUtf8(
  bytes: Uint8Array,
  from: number,
  end: number,
): string | undefined {
  const codes = codesByLength[end - from];
  if (codes !== undefined) {
    let union = 0;
    for (let index = 0; index < codes.length; index++) {
      const code = bytes[from + index] ?? 0;
      union |= code;
      codes[index] = code;
    }
    if (union < 128) return String.fromCharCode.apply(undefined, codes);
  }
  try {
    return decoder.decode(bytes.subarray(from, end));
  } catch {
    return undefined;
  }
}
