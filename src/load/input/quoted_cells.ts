const WHITE_SPACE = /\s/;

/**
 * Passes each value that is written in quotes to `add`, with the indexes of its
 * record and of its column. It ends where the parser took the text in another way.
 *
 * @param data the records of the text
 */
export function eachQuoted(
  data: readonly (readonly string[])[],
  text: string,
  { delimiter, lineEnd }: {
    readonly delimiter: string;
    readonly lineEnd: string;
  },
  add: (cell: string, record: number, column: number) => void,
): void {
  let at = 0;
  for (const [record, cells] of data.entries()) {
    for (const [column, cell] of cells.entries()) {
      const isQuoted = text[at] === '"';
      at += cell.length + (isQuoted ? 2 + quotesIn(cell) : 0);
      if (isQuoted) add(cell, record, column);
      const end = column < cells.length - 1 ? delimiter : lineEnd;
      while (
        at < text.length && text[at] !== end && WHITE_SPACE.test(text[at] ?? "")
      ) at++;
      if (at < text.length && text[at] !== end) return;
      at++;
    }
  }
}

function quotesIn(cell: string): number {
  let [count, at] = [0, cell.indexOf('"')];
  while (at >= 0) [count, at] = [count + 1, cell.indexOf('"', at + 1)];
  return count;
}
