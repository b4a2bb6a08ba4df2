/** The complete records at the beginning of a text of CSV. */
interface WholeRecords {
  /** The number of their characters. */
  readonly end: number;
  /** Why the record after them is malformed; undefined if it is incomplete, or there is none. */
  readonly problem: string | undefined;
}

/** How the values of a text are separated. */
interface Separators {
  readonly delimiter: string;
  readonly lineEnd: string;
}

const QUOTE = '"';
const QUOTE_CODE = 34;
const WHITE_SPACE = /\s/;

/**
 * Finds the complete records of a text, up to the first malformed quote. The
 * parser would keep each value of an incomplete record, and each wrong quote, and
 * look at the rest of the line for each.
 *
 * @param isLast whether nothing follows the text, so that its end is the end of a record
 */
export function wholeRecords(
  text: string,
  { delimiter, lineEnd }: Separators,
  isLast: boolean,
): WholeRecords {
  let [end, at] = [0, 0];
  const [separator, lineFeed] = [delimiter, lineEnd].map(codeOf);
  const isSeparator = (position: number): boolean => {
    const code = text.charCodeAt(position);
    return code === separator || code === lineFeed;
  };
  /** Skips text outside of quotes. */
  const skipTo = (next: number): void => {
    let last = next - 1;
    while (last >= at && text.charCodeAt(last) !== lineFeed) last--;
    if (last >= at) end = last + 1;
    at = next;
  };
  for (;;) {
    let open = text.indexOf(QUOTE, at);
    // Other quotes are part of a value.
    while (open > 0 && !isSeparator(open - 1)) {
      open = text.indexOf(QUOTE, open + 1);
    }
    skipTo(open < 0 ? text.length : open);
    if (open < 0) break;
    const close = closingQuote(text, open + 1);
    if (close < 0) {
      const problem = "begins a quoted value that never ends";
      return { end, problem: isLast ? problem : undefined };
    }
    at = close + 1;
    while (!isSeparator(at) && WHITE_SPACE.test(text.charAt(at))) at++;
    if (isSeparator(at)) continue;
    if (at === text.length && (!isLast || at === close + 1)) break;
    return {
      end,
      problem:
        'has text after the closing quote of a value; write a quote within a value as ""',
    };
  }
  return { end: isLast ? text.length : end, problem: undefined };
}

/** Returns the position of the next quote that is not doubled; -1 if there is none. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf(QUOTE, start);
  while (at >= 0 && text.charCodeAt(at + 1) === QUOTE_CODE) {
    at = text.indexOf(QUOTE, at + 2);
  }
  return at;
}

function codeOf(character: string): number {
  return character.charCodeAt(0);
}
