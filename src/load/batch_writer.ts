import type { AnyModel } from "../model/types.ts";
import type { RowList } from "../query/statement/column_rows.ts";
import { isOfRow, rejectedRow } from "../writer/refused_row.ts";
import { rowError } from "../writer/valid_rows.ts";
import { createWriter } from "../writer/writer.ts";
import type { FlushReport, RejectedRow } from "../writer/types.ts";
import type { LoadSettings } from "./options.ts";
import { createRecorder } from "./record/recorder.ts";
import type { LoadedRange } from "./record/loads_model.ts";
import type { LoadTarget } from "./record/load_target.ts";
import type { LoadOptions } from "./types.ts";

/** What became of the rows of a batch. */
export interface WrittenBatch extends Omit<FlushReport, "rejected"> {
  /** The rows that the model or the database refused, if they are set aside. */
  readonly rejected: readonly RejectedRow[];
  /** Whether nothing was written, because another load has recorded the batch. */
  readonly isTaken?: boolean;
  /** Records the batch, if the transaction of its rows did not: call it when the rejected rows are reported. */
  record(): Promise<void>;
}

/**
 * Writes the rows of a batch, in one transaction.
 *
 * @param record the row that records the batch; undefined to record nothing
 * @param isComplete whether no row of the batch was rejected before
 */
export type WriteBatch = (
  rows: RowList,
  record?: LoadedRange,
  isComplete?: boolean,
) => Promise<WrittenBatch>;

/** Returns the function that writes the batches of a load, one at a time. */
export function batchWriter<M extends AnyModel>(
  db: LoadTarget,
  model: M,
  { onConflict, recording }: LoadSettings,
  { prefer, merge, onRejected }: LoadOptions<M>,
): WriteBatch {
  let rejected: RejectedRow[] = [];
  const setsAside = onRejected !== undefined;
  const recorder = createRecorder(db, recording !== "again");
  const limits = { maxRows: Infinity, maxMilliseconds: Infinity };
  const strict = createWriter(recorder.target, limits);
  const lenient = setsAside
    ? createWriter(recorder.target, {
      ...limits,
      onRejected: (row) => void rejected.push(row),
    })
    : strict;

  const write = async (
    writer: typeof strict,
    rows: RowList,
  ): Promise<Omit<WrittenBatch, "record">> => {
    if (onConflict === "update") {
      writer.upsert(model, rows, {
        ...prefer === undefined ? {} : { prefer },
        ...merge === undefined ? {} : { merge },
      });
    } else writer.insert(model, rows, { onConflict });
    rejected = [];
    const { inserted, updated, ignored } = await writer.flush();
    return { inserted, updated, ignored, rejected };
  };

  return async (rows, record, isComplete = true) => {
    if (record === undefined) {
      recorder.plan(undefined);
      return { ...await write(lenient, rows), record: nothing };
    }
    // Rejected rows are reported before their batch is recorded, so that a killed load reads them again.
    const isStrict = isComplete && (!setsAside || onConflict !== "error");
    if (isStrict) {
      recorder.plan(record);
      try {
        const written = await write(strict, rows);
        return { ...written, record: recorder.rest };
      } catch (error) {
        if (recorder.isTaken()) return { ...TAKEN, record: nothing };
        if (!setsAside || !isOfRow(error)) throw error;
      }
    }
    recorder.plan(undefined);
    const written = await write(lenient, rows);
    recorder.plan(record);
    return { ...written, record: recorder.rest };
  };
}

/** Returns the function that checks the rows of a batch, and writes nothing. */
export function batchChecker(
  model: AnyModel,
  { onConflict }: LoadSettings,
  setsAside: boolean,
): WriteBatch {
  const method = onConflict === "update" ? "upsert" : "insert";
  return async (rows) => {
    const rejected = [...rows].flatMap((row, index) => {
      const error = rowError(model, method, row, index);
      if (error === undefined) return [];
      if (!setsAside) throw error;
      return [rejectedRow(model, { row, index }, error)];
    });
    return await Promise.resolve({
      inserted: 0,
      updated: 0,
      ignored: 0,
      rejected,
      record: nothing,
    });
  };
}

const TAKEN = {
  ...{ inserted: 0, updated: 0, ignored: 0, rejected: [] },
  isTaken: true,
};

const nothing = (): Promise<void> => Promise.resolve();
