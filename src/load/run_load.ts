import { stat } from "node:fs/promises";
import {
  AuthenticationError,
  DatabaseError,
  DuplicateKeyError,
  QueryError,
} from "../base/errors/mod.ts";
import { assertModel } from "../query/checks/model.ts";
import type { AnyModel } from "../model/types.ts";
import type { RejectedRow } from "../writer/types.ts";
import { type Batch, batchesOf } from "./batch.ts";
import { batchChecker, batchWriter } from "./batch_writer.ts";
import { isStream, openSource, pathOf, type Source } from "./input/source.ts";
import { badRowError, batchError, withStored } from "./load_error.ts";
import { findDuplicate } from "./find_duplicate.ts";
import { loadSettings } from "./options.ts";
import type { LoadRecord, Recording } from "./record/load_record.ts";
import type { LoadTarget } from "./record/load_target.ts";
import { readRows } from "./rows/read_rows.ts";
import { createSlots } from "./slots.ts";
import type { LoadOptions, LoadReport, RejectedLine } from "./types.ts";
import { loadModule } from "../base/load_module.ts";

/** The SQLSTATE of a missing right. */
const DENIED = "42501";

/** The report of a load, and when an earlier load loaded the whole file. */
export interface RunReport extends LoadReport {
  readonly loadedAt?: Date;
  /** Why the load was not recorded, if a right of the role is missing. */
  readonly unrecorded?: string;
}

/**
 * Loads a file, as `load` describes.
 *
 * @param recording how to record the load, if the options do not say it
 */
export async function runLoad<M extends AnyModel>(
  db: LoadTarget,
  model: M,
  source: Source,
  options: LoadOptions<M>,
  recording?: Recording,
): Promise<RunReport> {
  assertModel(model);
  const settings = loadSettings(model, options);
  const { onRejected, onProgress, dryRun = false, signal } = options;
  signal?.throwIfAborted();
  const requested = settings.recording ?? recording;
  let unrecorded: string | undefined;
  const record = await recordOf(db, model, source, requested).catch((error) => {
    unrecorded = unrecordedReason(error, requested);
    return undefined;
  });
  let taken = 0;
  const report = { rows: 0, inserted: 0, updated: 0, ignored: 0, rejected: 0 };
  if (record?.whole !== undefined) {
    const { rows, at } = record.whole;
    return { ...report, skipped: rows, loadedAt: at };
  }
  const input = await openSource(source);
  const started = performance.now();
  const isStrict = onRejected === undefined;
  const slots = createSlots(
    settings.jobs,
    () =>
      dryRun
        ? batchChecker(model, settings, !isStrict)
        : batchWriter(db, model, settings, options),
  );

  const refuse = async (
    { malformed, place, raw }: Batch,
    rejected: readonly RejectedRow[],
  ): Promise<void> => {
    const lines: RejectedLine[] = [
      ...malformed.map(({ line, index, row, problems = [] }) => ({
        model: model.name,
        file: input.name,
        line,
        index,
        row,
        problems,
      })),
      ...rejected.map((row) => ({
        ...row,
        row: raw(row.index) ?? row.row,
        file: input.name,
        ...(place(row.index) ?? { line: 0 }),
      })),
    ];
    report.rejected += lines.length;
    lines.sort((one, other) => one.index - other.index);
    for (const line of lines) await onRejected?.(line);
  };

  const write = async (batch: Batch): Promise<void> => {
    const loaded = record?.rowOf(batch.range, await input.read());
    await slots.run(async (writeBatch) => {
      signal?.throwIfAborted();
      const isComplete = batch.malformed.length === 0;
      const { rejected, ...written } = await writeBatch(
        batch.rows,
        loaded,
        isComplete,
      ).catch(async (error) => {
        const duplicate = error instanceof DuplicateKeyError
          ? await findDuplicate(db, model, [...batch.rows], error.fields)
          : undefined;
        throw batchError(error, model.name, input.name, batch, duplicate);
      });
      if (written.isTaken === true) {
        await record?.assertLoaded(batch.range);
        taken += batch.range.end - batch.range.first;
        return;
      }
      report.inserted += written.inserted;
      report.updated += written.updated;
      report.ignored += written.ignored;
      await refuse(batch, rejected);
      await written.record();
      report.rows += batch.rows.length + batch.malformed.length;
      onProgress?.({
        file: input.name,
        rows: report.rows,
        bytes: input.bytesRead(),
        totalBytes: input.totalBytes,
        rowsPerSecond: 1000 * report.rows / (performance.now() - started),
      });
    });
  };

  if (record !== undefined) await input.read();
  const ranges = record?.ranges ?? [];
  const batches = batchesOf(
    readRows(input, settings.reading),
    settings.limit,
    ranges,
    !isStrict,
  );
  let total: number | undefined;
  try {
    for (;;) {
      const { value, done } = await batches.next();
      if (done === true) {
        total = value;
        break;
      }
      signal?.throwIfAborted();
      const [bad] = value.malformed;
      if (bad !== undefined && isStrict) {
        throw badRowError(model.name, input.name, {
          ...bad,
          problems: bad.problems ?? [],
        });
      }
      await write(value);
    }
    await slots.finish();
    if (total !== undefined) await record?.finish(total, await input.read());
  } catch (error) {
    await slots.settle();
    const { inserted, updated, ignored } = report;
    throw withStored(error, inserted + updated + ignored);
  } finally {
    await batches.return(undefined);
  }
  if (record === undefined) {
    return unrecorded === undefined ? report : { ...report, unrecorded };
  }
  const skipped = ranges.reduce(
    (sum, { first, end }) => sum + end - first,
    taken,
  );
  return { ...report, skipped };
}

/** Opens the record of a file; undefined if the load is not recorded. */
async function recordOf(
  db: LoadTarget,
  model: AnyModel,
  source: Source,
  recording: Recording | undefined,
): Promise<LoadRecord | undefined> {
  if (recording === undefined) return undefined;
  const path = isStream(source) ? undefined : pathOf(source);
  if (path !== undefined && await isReadTwice(path)) {
    const { openRecord } = await loadModule(() =>
      import("./record/load_record.ts")
    );
    return await openRecord(db, model, path, recording);
  }
  if (recording === "skip") return undefined;
  throw new QueryError(
    `Cannot load ${model.name}: ${recording} requires a file, because a stream cannot be read again`,
    { model: model.name, field: recording },
  );
}

/** Whether a path can be read more than once: a pipe cannot. A missing file is reported later. */
async function isReadTwice(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isFile(), () => true);
}

/** Returns why a load that need not be recorded is not: a right of the role is missing. Throws other errors. */
function unrecordedReason(
  error: unknown,
  recording: Recording | undefined,
): string {
  const isDenied = error instanceof AuthenticationError ||
    error instanceof DatabaseError && error.code === DENIED;
  if (recording !== "skip" || !isDenied) throw error;
  return error.message;
}
