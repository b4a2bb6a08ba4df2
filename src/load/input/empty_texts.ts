import { eachQuoted } from "./quoted_cells.ts";

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
  eachQuoted(data, text, { delimiter, lineEnd }, (cell, record, column) => {
    if (cell !== "") return;
    const columns = found.get(record);
    if (columns === undefined) found.set(record, [column]);
    else columns.push(column);
  });
  return found;
}
