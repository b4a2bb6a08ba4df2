const ENDS = /\\[^]|"/g;

/**
 * Returns the position after a string of JSON. One regular expression for a whole
 * string with escape sequences would overflow the stack if it is long.
 *
 * @param start a position in the string, after its quote
 */
export function jsonStringEnd(text: string, start: number): number {
  ENDS.lastIndex = start;
  for (let found = ENDS.exec(text); found !== null; found = ENDS.exec(text)) {
    if (found[0] === '"') return ENDS.lastIndex;
  }
  return text.length;
}
