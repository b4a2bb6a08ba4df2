import type { AnyModel } from "../model/types.ts";
import { rejectedRow } from "../writer/refused_row.ts";
import { rowError } from "../writer/valid_rows.ts";
import { createWriter } from "../writer/writer.ts";
import type {
  FlushReport,
  RejectedRow,
  WriterTarget,
} from "../writer/types.ts";
import type { LoadSettings } from "./options.ts";
import type { LoadOptions } from "./types.ts";

/** What became of the rows of a batch. */
interface WrittenBatch extends Omit<FlushReport, "rejected"> {
  /** The rows that the model or the database refused, if they are set aside. */
  readonly rejected: readonly RejectedRow[];
}

/** Writes the rows of a batch, in one transaction. */
type WriteBatch = (rows: readonly object[]) => Promise<WrittenBatch>;

/** Returns the function that writes the batches of a load, one at a time. */
export function batchWriter<M extends AnyModel>(
  db: WriterTarget,
  model: M,
  { onConflict }: LoadSettings,
  { prefer, merge, onRejected }: LoadOptions<M>,
): WriteBatch {
  let rejected: RejectedRow[] = [];
  const writer = createWriter(db, {
    maxRows: Infinity,
    maxMilliseconds: Infinity,
    ...onRejected === undefined
      ? {}
      : { onRejected: (row) => void rejected.push(row) },
  });
  return async (rows) => {
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
}

/** Returns the function that checks the rows of a batch, and writes nothing. */
export function batchChecker(
  model: AnyModel,
  { onConflict }: LoadSettings,
  setsAside: boolean,
): WriteBatch {
  const method = onConflict === "update" ? "upsert" : "insert";
  return async (rows) => {
    const rejected = rows.flatMap((row, index) => {
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
    });
  };
}
