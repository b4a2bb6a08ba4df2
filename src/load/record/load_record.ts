import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { SchemaError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { fileProblem } from "../input/file_problem.ts";
import { checksumOf, type ReadBytes } from "../input/checksum.ts";
import { readProblem } from "../input/texts.ts";
import type { LoadTarget } from "./load_target.ts";
import { type LoadedRange, Loads } from "./loads_model.ts";
import { joinedRanges, type RowRange } from "./ranges.ts";

/**
 * What a load does about an earlier load of the same file: `"resume"` continues
 * it, and refuses a file that has changed; `"again"` begins again; `"skip"` also
 * begins again, unless the same file was loaded whole.
 */
export type Recording = "resume" | "again" | "skip";

/** The record of the load of a file. */
export interface LoadRecord {
  /** The earlier load, if it loaded the file whole. */
  readonly whole: { readonly rows: number; readonly at: Date } | undefined;
  /** The rows that earlier loads have written. */
  readonly ranges: readonly RowRange[];
  /** Returns the row that records a batch, to be written with its rows. */
  rowOf(range: RowRange, read: ReadBytes): LoadedRange;
  /**
   * Checks the rows of a batch that another load has recorded.
   *
   * @throws {ValidationError} if it loaded other content or fewer rows
   */
  assertLoaded(range: RowRange): Promise<void>;
  /** Records that the file is loaded whole. */
  finish(rows: number, read: ReadBytes): Promise<void>;
}

/**
 * Opens the record of a file, and creates the table of records if it is missing.
 *
 * @throws {ValidationError} if the load is to be resumed, and the file has changed
 */
export async function openRecord(
  db: LoadTarget,
  model: AnyModel,
  path: string,
  recording: Recording,
): Promise<LoadRecord> {
  const file = resolve(path);
  const { size } = await stat(file).catch((error) => {
    throw readProblem(model.name, path, 1, error);
  });
  const key = { loaded_table: model.table, file };
  const stored = await storedRanges(db, key);
  const whole = stored.find(({ is_whole: isWhole }) => isWhole);
  const furthest = whole ??
    stored.toSorted((one, other) =>
      Number(other.bytes_read - one.bytes_read)
    )[0];
  const isUnchanged = recording !== "again" && furthest !== undefined &&
    furthest.size === BigInt(size) &&
    furthest.checksum === await checksumOf(file, Number(furthest.bytes_read));
  if (recording === "resume" && furthest !== undefined && !isUnchanged) {
    throw changedError(model, path, furthest, size);
  }
  const isSkipped = whole !== undefined && isUnchanged;
  const isResumed = recording === "resume" && isUnchanged;
  if (stored.length > 0 && !isSkipped && !isResumed) {
    await db.query(Loads).deleteAll({ filterBy: key });
  }
  const rowOf = (
    { first, end }: RowRange,
    { bytes, checksum }: ReadBytes,
  ): LoadedRange => ({
    ...key,
    first_row: BigInt(first),
    end_row: BigInt(end),
    bytes_read: BigInt(bytes),
    checksum,
    size: BigInt(size),
    is_whole: false,
    loaded_at: new Date(),
  });
  return {
    whole: isSkipped
      ? { rows: Number(whole.end_row), at: whole.loaded_at }
      : undefined,
    ranges: isResumed
      ? joinedRanges(
        stored.map(({ first_row, end_row }) => ({
          first: Number(first_row),
          end: Number(end_row),
        })),
      )
      : [],
    rowOf,
    async assertLoaded({ first, end }) {
      const [found] = await db.query(Loads).findAll({
        filterBy: { ...key, first_row: BigInt(first) },
      });
      const isLoaded = found !== undefined && found.end_row >= BigInt(end) &&
        found.size === BigInt(size) &&
        found.checksum === await checksumOf(file, Number(found.bytes_read));
      if (!isLoaded) throw sharedError(model, path);
    },
    async finish(rows, given) {
      const read = given.bytes === size
        ? given
        : { bytes: size, checksum: await checksumOf(file, size) };
      const row = { ...rowOf({ first: 0, end: rows }, read), is_whole: true };
      // The rows of the batches stay: they show other loads of the file what is loaded.
      await db.query(Loads).bulkUpsert([row]);
    },
  };
}

/** Reads the ranges of a file. */
async function storedRanges(
  db: LoadTarget,
  key: Pick<LoadedRange, "loaded_table" | "file">,
): Promise<readonly LoadedRange[]> {
  const read = (): Promise<readonly LoadedRange[]> =>
    db.query(Loads).findAll({ filterBy: key });
  const isMissing = (error: unknown) => error instanceof SchemaError;
  const found = await read().catch((error) => {
    if (!isMissing(error) || db.createDb === undefined) throw error;
    return [];
  });
  if (found.length > 0 || db.createDb === undefined) return found;
  const { created } = await db.createDb({ models: [Loads] });
  return created.length > 0 ? [] : await read();
}

function sharedError(model: AnyModel, path: string): Error {
  return fileProblem(
    model.name,
    path,
    "is being loaded by another program, with other content or another limit. After that load has ended, pass resume (--resume)",
  );
}

function changedError(
  model: AnyModel,
  path: string,
  { size: before, loaded_at: time }: LoadedRange,
  size: number,
): Error {
  const sizes = before === BigInt(size)
    ? "its content differs"
    : `it had ${before} bytes, and has ${size}`;
  return fileProblem(
    model.name,
    path,
    `has changed since its load on ${time.toISOString()}: ${sizes}. To load it from its beginning, pass again (--again)`,
  );
}
