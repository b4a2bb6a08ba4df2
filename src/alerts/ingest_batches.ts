import { appendSentence, DbPluginsError } from "../base/errors/mod.ts";
import { whileWorking } from "../base/while_working.ts";
import type { DatabaseConnection } from "../connection/types.ts";
import {
  type AlertBatch,
  type AlertTables,
  createBatch,
  writeBatch,
} from "./batch.ts";
import type { IngestOptions } from "./ingest_options.ts";

const BATCH = 500;

/**
 * Writes alerts batch by batch, each in a transaction, and returns the totals.
 * Reads the alerts of the next batch while a batch is written.
 *
 * @throws {ValidationError} if an alert cannot be written, with its index in `alerts`
 */
export async function ingestBatches<
  Alert,
  Rows,
  Counts extends Readonly<Record<string, number>>,
>(
  db: Pick<DatabaseConnection, "transaction">,
  alerts: Iterable<Alert> | AsyncIterable<Alert>,
  tables: AlertTables<Alert, Rows, Counts>,
  options: IngestOptions<Alert, { alerts: number } & Counts>,
): Promise<{ alerts: number } & Counts> {
  const { batchSize = BATCH, onBatch, onRejected, onWait } = options;
  const batchFrom = (first: number): AlertBatch<Alert, Rows, Counts> =>
    createBatch(tables, first, onRejected !== undefined);
  let report: { alerts: number } & Counts = { alerts: 0, ...tables.none };
  let stored = 0;
  const write = async (
    batch: AlertBatch<Alert, Rows, Counts>,
  ): Promise<void> => {
    const { counts, rejected } = await writeBatch(db, tables, batch, onWait);
    stored += batch.size;
    report = {
      ...report,
      ...sums(report, counts),
      alerts: report.alerts + batch.size - rejected.length,
    };
    for (const one of rejected) await onRejected?.(one);
    onBatch?.({ ...report });
  };
  let batch = batchFrom(0);
  /** The work on the batch before. */
  let writing: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    // The server still works on the batch before.
    batch.writer();
    await writing;
    const [full, before] = [batch, stored];
    const work = writing = write(full).catch((error) => {
      throw afterBatches(error, before);
    });
    work.then(() => {
      if (writing === work) writing = undefined;
    }, () => {});
    batch = batchFrom(full.first + full.size);
  };
  try {
    for await (const alert of whileWorking(alerts, () => writing)) {
      try {
        batch.add(alert);
      } catch (error) {
        await writing;
        throw afterBatches(error, stored);
      }
      if (batch.size >= batchSize) await send();
    }
    if (batch.size > 0) await send();
  } finally {
    // If a batch failed, its error comes before that of a later alert.
    await writing;
  }
  return report;
}

/** Returns the sums of two counts, by name. */
function sums<Counts extends Readonly<Record<string, number>>>(
  total: Counts,
  more: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(more).map(([name, count]) => [
      name,
      (total[name] ?? 0) + count,
    ]),
  );
}

/** Returns the error of a batch: the alerts of earlier batches are stored. */
function afterBatches(error: unknown, stored: number): unknown {
  if (!(error instanceof DbPluginsError)) return error;
  error.outcome ??= "not applied";
  if (stored === 0) return error;
  appendSentence(
    error,
    `The first ${stored} alerts are stored and stay; you can ingest them again`,
  );
  error.outcome = "unknown";
  return error;
}
