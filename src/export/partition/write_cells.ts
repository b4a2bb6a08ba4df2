import type { FileHandle } from "node:fs/promises";
import { QueryError } from "../../base/errors/mod.ts";
import { valueText } from "../../model/option_shape.ts";
import type { AnyModel } from "../../model/types.ts";
import { healpixIndex } from "../../sky/healpix.ts";
import { PART } from "../output/encoded_parts.ts";
import { createParquetFile } from "../parquet/file.ts";
import type { ExportedField } from "../parquet/exported_field.ts";
import { rowGroup } from "../parquet/row_group.ts";
import { CELL_COLUMN, type Partition } from "./partition.ts";
import { writeCatalog } from "./catalog.ts";
import { type OpenCell, openCell } from "./cell_files.ts";

/** The most rows that wait for others of their cells, so that row groups are large. */
const MOST_WAITING = 50_000;

/** Files that are complete and open: the disk keeps several in less time than one after the other. */
const MOST_OPEN = 32;

/** How the files of cells are written. */
interface CellFiles {
  readonly model: AnyModel;
  readonly partition: Extract<Partition, { kind: "cells" }>;
  readonly fields: readonly ExportedField[];
  readonly limit: number;
  /** Receives the number of rows of each part. */
  readonly onRows: (count: number) => void;
  /** Receives the number of bytes of each part. */
  readonly onBytes: (count: number) => void;
}

/**
 * Writes rows that are ordered by declination as a HATS catalog, a file for each
 * HEALPix cell. A cell is complete when the declinations are above it, so that
 * only those of a band of the sky are in memory, and one file is open at a time.
 *
 * @throws {QueryError} if a row has no position
 */
export async function writeCells(
  folder: string,
  rows: AsyncIterable<object>,
  { model, partition, fields: requested, limit, onRows, onBytes }: CellFiles,
): Promise<void> {
  const { order } = partition;
  const fields = [...requested, INDEX_FIELD];
  const group = rowGroup(fields);
  const cells = new Map<number, OpenCell>();
  const counts = new Map<number, number>();
  let [waiting, count, reported] = [0, 0, 0];
  let complete: FileHandle[] = [];

  const close = async (): Promise<void> => {
    const files = complete;
    complete = [];
    await Promise.all(files.map(closed));
  };
  const finish = async (cell: OpenCell): Promise<void> => {
    waiting -= cell.rows.length;
    counts.set(cell.cell, cell.count());
    cells.delete(cell.cell);
    complete.push(await cell.finish());
    if (complete.length === MOST_OPEN) await close();
  };
  const finishBelow = async (dec: number): Promise<void> => {
    for (const cell of cells.values()) {
      if (cell.top < dec) await finish(cell);
    }
  };
  const writeLargest = async (): Promise<void> => {
    const largest = [...cells.values()].sort((one, other) =>
      other.rows.length - one.rows.length
    );
    for (const cell of largest) {
      if (waiting <= MOST_WAITING / 2) break;
      waiting -= cell.rows.length;
      await cell.write();
    }
  };
  const report = (): void => {
    onRows(count - reported);
    reported = count;
  };

  try {
    for await (const row of rows) {
      if (count === limit) break;
      const { index, dec } = positionOf(model, partition, row);
      const number = Number(index >> BigInt(2 * (INDEX_ORDER - order)));
      let cell = cells.get(number);
      if (cell === undefined) {
        const file = await createParquetFile(model, fields);
        cell = openCell(number, order, { folder, file, group, onBytes });
        cells.set(number, cell);
      }
      Reflect.set(row, CELL_COLUMN, index);
      cell.rows.push(row);
      waiting++;
      if (++count % PART === 0) {
        await finishBelow(dec);
        report();
      }
      if (waiting >= MOST_WAITING) await writeLargest();
    }
    await finishBelow(Infinity);
  } finally {
    await close();
  }
  report();
  await writeCatalog(folder, { model, partition, fields, counts, onBytes });
}

async function closed(file: FileHandle): Promise<void> {
  await file.sync().finally(() => file.close());
}

/** The order of the cell that each row has. */
const INDEX_ORDER = 29;

const INDEX_FIELD: ExportedField = {
  name: CELL_COLUMN,
  type: { kind: "int64" },
  nullable: false,
  unit: undefined,
  description: "HEALPix cell of order 29, nested",
};

/** Returns the cell of a row of the greatest order, and its declination. */
function positionOf(
  model: AnyModel,
  { ra, dec }: CellFiles["partition"],
  row: object,
): { readonly index: bigint; readonly dec: number } {
  const [right, up]: unknown[] = [Reflect.get(row, ra), Reflect.get(row, dec)];
  const refuse = (cause?: unknown): never => {
    throw new QueryError(
      `Cannot export ${model.name} by healpix: a row has ${ra} ${
        valueText(right)
      } and ${dec} ${
        valueText(up)
      }, which is no position; leave such rows out with filterBy`,
      { model: model.name, field: ra, cause },
    );
  };
  if (typeof right !== "number" || typeof up !== "number") return refuse();
  try {
    return { index: healpixIndex(right, up, INDEX_ORDER), dec: up };
  } catch (error) {
    return refuse(error);
  }
}
