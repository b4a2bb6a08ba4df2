import type { RowList } from "../query/statement/column_rows.ts";
import { ascendingTest, type RowRange } from "./record/ranges.ts";
import {
  createGrowingColumns,
  type GrowingColumns,
} from "./rows/growing_columns.ts";
import type { LoadedRow } from "./rows/loaded_row.ts";
import type { PartColumns, RowPart } from "./rows/row_part.ts";

/** The position of a row in its file. */
export interface Place {
  /** The line of its beginning, from 1. */
  readonly line: number;
  /** Its index among the rows of the file, from 0. */
  readonly index: number;
}

/** Rows that are written together, and the malformed rows among them. */
export interface Batch {
  readonly rows: RowList;
  /** Returns the place of a row, by its index among the rows. */
  place(index: number): Place | undefined;
  /** Returns a row as the file has it, by its index among the rows; undefined if the batch does not keep such rows. */
  raw(index: number): object | undefined;
  /** The malformed rows, in their order. */
  readonly malformed: readonly (LoadedRow & Place)[];
  /** The rows of the file that the batch has. */
  readonly range: RowRange;
}

/** The number of rows that one transaction writes. */
const BATCH_ROWS = 20_000;
/** The number of characters in the file after which a batch ends, about. */
const BATCH_CHARACTERS = 16 << 20;

/**
 * Divides rows into batches. Reads at most a number of rows, in addition to those
 * of the loaded ranges, which are left out.
 *
 * @param keepsRaw whether the batches keep the rows as the file has them
 * @returns the number of rows of the file, or `undefined` if the limit ended it
 */
export async function* batchesOf(
  parts: AsyncIterable<RowPart>,
  limit: number,
  loaded: readonly RowRange[] = [],
  keepsRaw = false,
): AsyncGenerator<Batch, number | undefined> {
  const isLoaded = ascendingTest(loaded);
  let batch = createBatch(0, keepsRaw);
  let [index, first, rows, characters] = [0, 0, 0, 0];
  const take = (): Batch => {
    const taken = batch.take({ first, end: index });
    batch = createBatch(taken.rows.length, keepsRaw);
    first = index;
    characters = 0;
    return taken;
  };
  for await (const part of parts) {
    const size = part.characters / part.length;
    for (let at = 0; at < part.length;) {
      if (isLoaded(index)) {
        if (first < index) yield take();
        first = ++index;
        at++;
        continue;
      }
      const from = at;
      const start = index;
      const most = Math.min(
        part.length,
        at + limit - rows,
        at + BATCH_ROWS - index % BATCH_ROWS,
        at + Math.ceil((BATCH_CHARACTERS - characters) / size),
      );
      do {
        at++;
        index++;
      } while (at < most && !isLoaded(index));
      batch.add(part, { from, end: at }, start);
      rows += at - from;
      characters += size * (at - from);
      const isFull = rows === limit || index % BATCH_ROWS === 0 ||
        characters >= BATCH_CHARACTERS;
      if (isFull) yield take();
      if (rows === limit) return undefined;
    }
  }
  if (first < index) yield take();
  return index;
}

/** A batch that grows. */
interface GrowingBatch {
  /**
   * Adds rows of a part.
   *
   * @param start the index of the first one among the rows of the file
   */
  add(
    part: RowPart,
    cut: { readonly from: number; readonly end: number },
    start: number,
  ): void;
  /** Returns the batch, and ends its growth. */
  take(range: RowRange): Batch;
}

function createBatch(expected: number, keepsRaw: boolean): GrowingBatch {
  const rows: object[] = [];
  const lines: number[] = [];
  const indexes: number[] = [];
  const malformed: (LoadedRow & Place)[] = [];
  /** What returns the rows of each part, by their index among the rows of the file. */
  const raws: { readonly end: number; read(index: number): object }[] = [];
  let columns: GrowingColumns | undefined;

  function addPlace(line: number, index: number): void {
    lines.push(line);
    indexes.push(index);
  }

  function addRows(loaded: readonly LoadedRow[], start: number): void {
    for (const [at, one] of loaded.entries()) {
      const { line, row, problems } = one;
      const index = start + at;
      if (problems !== undefined) {
        malformed.push({ ...one, index });
        continue;
      }
      if (columns === undefined) rows.push(row);
      else columns.addApart(row);
      addPlace(line, index);
    }
  }

  function addColumns(
    source: PartColumns,
    from: number,
    end: number,
    start: number,
  ): boolean {
    columns ??= createGrowingColumns(source.fields, expected);
    if (!columns.add(source, from, end)) return false;
    for (let at = from; at < end; at++) {
      addPlace(source.line(at), start + at - from);
    }
    return true;
  }

  return {
    add(part, { from, end }, start) {
      if (keepsRaw) {
        const read = part.raw();
        raws.push({
          end: start + end - from,
          read: (index) => read(from + index - start),
        });
      }
      const { columns: source } = part;
      const isAdded = source !== undefined &&
        addColumns(source, from, end, start);
      if (isAdded) return;
      addRows(part.rows(from, end), start);
    },
    take: (range) => ({
      rows: columns === undefined ? rows : columns.rows(),
      place(at) {
        const [line, index] = [lines[at], indexes[at]];
        return line === undefined || index === undefined
          ? undefined
          : { line, index };
      },
      raw(at) {
        const index = indexes[at];
        if (index === undefined) return undefined;
        return raws.find(({ end }) => index < end)?.read(index);
      },
      malformed,
      range,
    }),
  };
}
