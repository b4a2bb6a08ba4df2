/** The longest text that is made character by character, which is faster while it is short. */
const SHORT = 32;

const codes = Array.from(
  { length: SHORT + 1 },
  (_, length) => Array.from({ length }, () => 0),
);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text in bytes from one place to another. What is no UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array, from: number, end: number): string {
  const short = codes[end - from];
  if (short !== undefined) {
    let any = 0;
    for (let place = 0; place < short.length; place++) {
      const code = bytes[from + place] ?? 0;
      any |= code;
      short[place] = code;
    }
    if (any < 128) return String.fromCharCode.apply(undefined, short);
  }
  return decoder.decode(bytes.subarray(from, end));
}
