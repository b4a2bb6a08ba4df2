/** The longest text, in bytes, that is decoded byte by byte: for short ASCII text this is faster than `TextDecoder`. */
const SHORT = 32;

const codesByLength = Array.from(
  { length: SHORT + 1 },
  (_, length) => Array.from({ length }, () => 0),
);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes the bytes from `from` to `end`. Invalid UTF-8 becomes U+FFFD. */
export function decodeUtf8(
  bytes: Uint8Array,
  from: number,
  end: number,
): string {
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
  return decoder.decode(bytes.subarray(from, end));
}
