import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { healpixCenter } from "../../sky/healpix.ts";
import type { ParquetFile } from "../parquet/file.ts";
import type { RowGroup } from "../parquet/row_group.ts";
import { CELL_COLUMN } from "./partition.ts";

/** The radius of the twelve cells of order 0 in degrees, twice over: a cell of each next order has half of it. */
const REACH = 120;
/** How many cells are in a folder, as HATS divides them. */
const FOLDER_CELLS = 10_000;

/** A cell whose rows are not all written. */
export interface OpenCell {
  readonly cell: number;
  /** The declination above which it has no positions. */
  readonly top: number;
  /** The rows that are not yet in its file. */
  readonly rows: object[];
  /** The number of its rows. */
  count(): number;
  /** Appends its rows to the file, ordered by their cell of order 29. */
  write(): Promise<void>;
  /** Appends the rest of the rows and the end of the file, which is then open: close it. */
  finish(): Promise<FileHandle>;
}

/** Begins the file of a cell. The file is open only while something is appended, and at its end. */
export function openCell(
  cell: number,
  order: number,
  { folder, file, group, onBytes }: {
    /** The folder of the catalog. */
    readonly folder: string;
    readonly file: ParquetFile;
    /** Encodes the rows of one cell at a time. */
    readonly group: RowGroup;
    readonly onBytes: (count: number) => void;
  },
): OpenCell {
  const path = join(folder, cellPath(cell, order));
  const rows: object[] = [];
  let [written, isCreated] = [0, false];
  const append = async (): Promise<FileHandle> => {
    if (!isCreated) await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, isCreated ? "a" : "wx");
    isCreated = true;
    try {
      const bytes = file.taken();
      for (let at = 0; at < bytes.length;) {
        at += (await handle.write(bytes, at)).bytesWritten;
      }
      onBytes(bytes.length);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  };
  const encode = (): void => {
    rows.sort(byCell);
    for (const row of rows) group.add(row);
    file.write(group);
    written += rows.length;
    rows.length = 0;
  };
  return {
    cell,
    top: healpixCenter(cell, order).dec + REACH / 2 ** order,
    rows,
    count: () => written + rows.length,
    async write() {
      encode();
      await (await append()).close();
    },
    async finish() {
      encode();
      file.finish();
      return await append();
    },
  };
}

/** The path of a cell in a catalog. */
function cellPath(cell: number, order: number): string {
  const first = Math.floor(cell / FOLDER_CELLS) * FOLDER_CELLS;
  return `dataset/Norder=${order}/Dir=${first}/Npix=${cell}.parquet`;
}

function byCell(one: object, other: object): number {
  const [first, second]: unknown[] = [
    Reflect.get(one, CELL_COLUMN),
    Reflect.get(other, CELL_COLUMN),
  ];
  return typeof first !== "bigint" || typeof second !== "bigint" ||
      first === second
    ? 0
    : first < second
    ? -1
    : 1;
}
