import { appendSentence, DbPluginsError } from "../base/errors/mod.ts";
import { createQueue } from "../base/queue.ts";
import { whileWorking } from "../base/while_working.ts";
import type { DatabaseConnection } from "../connection/types.ts";
import {
  type AlertBatch,
  type AlertTables,
  createBatch,
  readAlert,
  writeBatch,
} from "./batch.ts";
import type { IngestOptions } from "./ingest_options.ts";
import { createLanes } from "./lanes.ts";

const BATCH = 500;

/**
 * Writes alerts batch by batch, each in a transaction, and returns the totals.
 * Reads the alerts of the next batches while others are written.
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
  const { batchSize = BATCH, jobs = 1, onBatch, onRejected, onWait } = options;
  const setsAside = onRejected !== undefined;
  const inTurn = createQueue();
  let report: { alerts: number } & Counts = { alerts: 0, ...tables.none };
  let stored = 0;
  /** The error of an alert that is not set aside. */
  let refusal: { readonly error: unknown } | undefined;
  let index = 0;
  const lanes = createLanes({
    count: jobs,
    create: () => createBatch<Alert, Rows, Counts>(tables),
    async write(batch: AlertBatch<Alert, Rows, Counts>) {
      const { counts, rejected } = await writeBatch(
        db,
        tables,
        batch,
        setsAside,
        onWait,
      );
      stored += batch.size;
      await inTurn(async () => {
        report = {
          ...report,
          ...sums(report, counts),
          alerts: report.alerts + batch.size - rejected.length,
        };
        for (const one of rejected) await onRejected?.(one);
        onBatch?.({ ...report });
      });
    },
  });
  try {
    for await (const alert of whileWorking(alerts, lanes.working)) {
      let read;
      try {
        read = readAlert(tables, alert, index++, setsAside);
      } catch (error) {
        refusal = { error };
        throw error;
      }
      const lane = lanes.of("rows" in read ? tables.objectOf(read.rows) : "");
      lane.batch.add(read);
      if (lane.batch.size >= batchSize) await lane.send();
    }
    await lanes.sendRest();
  } catch (error) {
    // If a batch failed, its error comes before that of a later alert.
    const failure = await lanes.failure() ?? refusal;
    throw failure === undefined
      ? error
      : afterBatches(failure.error, stored, jobs);
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

/** Returns the error of a batch or an alert: the alerts of other batches are stored. */
function afterBatches(error: unknown, stored: number, jobs: number): unknown {
  if (!(error instanceof DbPluginsError)) return error;
  error.outcome ??= "not applied";
  if (stored === 0) return error;
  appendSentence(
    error,
    jobs === 1
      ? `The first ${stored} alerts are stored and stay; you can ingest them again`
      : `${stored} of the alerts are stored and stay; you can ingest all of them again`,
  );
  error.outcome = "unknown";
  return error;
}
