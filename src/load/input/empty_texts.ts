const WHITE_SPACE = /\s/;

/**
 * Finds the values that are written as `""`: empty texts, which the parser does
 * not distinguish from empty values.
 *
 * @param data the records of the text
 * @returns the columns of such values, by the index of their record
 */
export function emptyTexts(
  data: readonly (readonly string[])[],
  text: string,
  delimiter: string,
  lineEnd: string,
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  if (!text.includes('""')) return found;
  let at = 0;
  for (const [index, cells] of data.entries()) {
    const columns: number[] = [];
    for (const [column, cell] of cells.entries()) {
      const isQuoted = text[at] === '"';
      at += cell.length + (isQuoted ? 2 + quotesIn(cell) : 0);
      if (isQuoted && cell === "") {
        if (columns.length === 0) found.set(index, columns);
        columns.push(column);
      }
      const end = column < cells.length - 1 ? delimiter : lineEnd;
      while (
        at < text.length && text[at] !== end && WHITE_SPACE.test(text[at] ?? "")
      ) at++;
      // A text that was parsed in another way has no marks from here on.
      if (at < text.length && text[at] !== end) return found;
      at++;
    }
  }
  return found;
}

function quotesIn(cell: string): number {
  let [count, at] = [0, cell.indexOf('"')];
  while (at >= 0) [count, at] = [count + 1, cell.indexOf('"', at + 1)];
  return count;
}
