/** Control characters, marks that change the direction of text, and line separators. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const NAMES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * Returns a text in one line that a terminal and a log show as it is: control
 * characters, line breaks and marks that change the direction of text become
 * escape sequences. Use it for every text from outside, such as names in a
 * database and messages of a server.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped);
}

/** Returns lines as one text. Only the breaks between the lines are line breaks. */
export function printableLines(lines: readonly string[]): string {
  return lines.map(printable).join("\n");
}

/** Returns a text that has lines of its own, such as a file: keeps its line breaks and tabs. */
export function printableText(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(
    UNPRINTABLE,
    (character) => /[\n\t]/.test(character) ? character : escaped(character),
  );
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return NAMES[character] ??
    (code.length > 2
      ? `\\u${code.padStart(4, "0")}`
      : `\\x${code.padStart(2, "0")}`);
}
