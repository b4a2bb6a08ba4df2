import type { DatabaseConnection } from "../connection/types.ts";
import {
  appendSentence,
  DbPluginsError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type NamesOf, namesOf } from "../base/known_names.ts";
import { checkOptions } from "../query/checks/options.ts";
import { type OnConflictWait, outlasting } from "../query/statement/outlast.ts";
import { withIndex, type ZtfAlert } from "./alert.ts";
import { type AlertRows, alertRows } from "./alert_rows.ts";
import {
  joinRows,
  refusedRow,
  writeRows,
  type WrittenRows,
} from "./write_rows.ts";

/** The result of an ingest. Unchanged existing rows are not counted. */
export interface IngestReport {
  /** Number of alerts written. */
  alerts: number;
  /** Number of new objects. */
  objects: number;
  /** Number of new detections. */
  detections: number;
  /** Number of new non-detections. */
  non_detections: number;
}

/** An alert that was not written, because its values were refused. */
export interface RejectedAlert {
  /** Its index in `alerts`. */
  readonly index: number;
  /** The alert, as it was given. */
  readonly alert: ZtfAlert;
  /** The fields that were refused, and why. */
  readonly problems: readonly {
    readonly field: string;
    readonly reason: string;
  }[];
}

/** Options of `ingestAlerts`. */
export interface IngestOptions {
  /** Alerts per transaction; 500 by default. */
  batchSize?: number;
  /** Called after each batch with the totals so far. */
  onBatch?: (report: Readonly<IngestReport>) => void;
  /**
   * Called for each alert whose values are refused, after the other alerts of its
   * batch are committed; a promise that it returns is awaited. Without it, the
   * first such alert ends the ingest.
   */
  onRejected?: (rejected: RejectedAlert) => void | Promise<void>;
  /**
   * Called on MongoDB before a batch is written again because the transaction of
   * another writer is in its way. `waited` is the time since the first conflict, and
   * `longest` the time after which the server has ended that transaction, also if
   * its client was killed; both in milliseconds.
   */
  onWait?: OnConflictWait;
}

const OPTIONS: NamesOf<IngestOptions> = {
  batchSize: true,
  onBatch: true,
  onRejected: true,
  onWait: true,
};
const NAMES = namesOf(OPTIONS);

const BATCH = 500;
/** How often a batch is retried after a conflict with another writer. */
const RETRIES = 10;

/**
 * Writes alerts. The resulting tables do not depend on the order of the alerts,
 * on repetitions or on concurrent processes: a detection from its own alert
 * wins over repetitions in later alerts, of which the latest wins; of
 * non-detections of one visit, the deeper limit wins. Values of a correction
 * step are kept. The number of detections, the mean position, and the first and
 * last date are derived from the stored detections.
 *
 * Each batch is one transaction; if a batch fails, earlier batches stay, and the
 * `outcome` of the error is `"unknown"`. On
 * MongoDB, the server keeps the transaction of a killed process for up to
 * `transactionLifetimeLimitSeconds`, by default a minute: a batch that it blocks
 * waits for that long.
 *
 * @param db a connection to ALeRCE's tables
 * @throws {ValidationError} if an alert cannot be written, with its index in `alerts`
 * @throws {QueryError} if an option is wrong
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { ingestAlerts, readAlerts } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ SQL: { ENGINE: "pglite", DB_NAME: "memory://" } });
 * await db.createDb();
 * const report = await ingestAlerts(db, readAlerts("examples/data/ztf_alerts_small.ndjson.gz"));
 * assert.equal(report.alerts, 78);
 * ```
 */
export async function ingestAlerts(
  db: Pick<DatabaseConnection, "transaction">,
  alerts: Iterable<ZtfAlert> | AsyncIterable<ZtfAlert>,
  options: IngestOptions = {},
): Promise<IngestReport> {
  const { assertFunctions, assertWhole } = checkOptions(options, {
    action: "ingest alerts",
    names: NAMES,
    example: "{ batchSize: 500 }",
  });
  assertWhole("batchSize");
  assertFunctions("onBatch", "onRejected", "onWait");
  const { batchSize = BATCH, onBatch, onRejected, onWait } = options;
  const report = { alerts: 0, objects: 0, detections: 0, non_detections: 0 };
  let [batch, read]: [ZtfAlert[], number] = [[], 0];
  const write = async (): Promise<void> => {
    const rejected: RejectedAlert[] = [];
    const reject = onRejected === undefined
      ? undefined
      : (one: RejectedAlert) => void rejected.push(one);
    const each = rowsOfAlerts(batch, read, reject);
    const written = await writeBatch(db, each, onWait, reject);
    read += batch.length;
    report.alerts += batch.length - rejected.length;
    report.objects += written.objects;
    report.detections += written.detections;
    report.non_detections += written.non_detections;
    batch = [];
    rejected.sort((one, other) => one.index - other.index);
    for (const one of rejected) await onRejected?.(one);
    onBatch?.({ ...report });
  };
  const writeOrThrow = () => {
    const first = read;
    return write().catch((error) => {
      throw afterBatches(error, first);
    });
  };
  for await (const alert of alerts) {
    batch.push(alert);
    if (batch.length >= batchSize) await writeOrThrow();
  }
  if (batch.length > 0) await writeOrThrow();
  return report;
}

/** An alert of a batch with its rows. */
interface BatchAlert {
  readonly index: number;
  readonly alert: ZtfAlert;
  readonly rows: AlertRows;
}

type RejectAlert = (rejected: RejectedAlert) => void;

/** Returns the rows of each alert. `first` is the index of the first one. */
function rowsOfAlerts(
  alerts: readonly ZtfAlert[],
  first: number,
  reject: RejectAlert | undefined,
): BatchAlert[] {
  return alerts.flatMap((alert, at) => {
    const index = first + at;
    try {
      return [{ index, alert, rows: alertRows(alert) }];
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      if (reject === undefined) throw withIndex(error, index);
      reject(rejectedAlert(error, index, alert));
      return [];
    }
  });
}

/** Writes a batch in a transaction; again without the alerts whose rows the models refuse, if these are set aside. */
async function writeBatch(
  db: Pick<DatabaseConnection, "transaction">,
  alerts: readonly BatchAlert[],
  onWait: OnConflictWait | undefined,
  reject: RejectAlert | undefined,
): Promise<WrittenRows> {
  if (alerts.length === 0) {
    return { objects: 0, detections: 0, non_detections: 0 };
  }
  const rows = joinRows(alerts.map(({ rows }) => rows));
  try {
    return await db.transaction(
      (tx) => writeRows(tx, rows),
      outlasting({ retries: RETRIES }, onWait),
    );
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const named = alertOfRow(error, alerts);
    if (named === undefined) throw error;
    if (reject === undefined) throw withIndex(error, named.index);
    // The error names one: all that the models refuse are set aside at once.
    const refused = refusedAlerts(alerts);
    if (refused.length === 0) refused.push({ alert: named, error });
    for (const { alert: { alert, index }, error } of refused) {
      reject(rejectedAlert(error, index, alert));
    }
    const others = alerts.filter((one) =>
      !refused.some(({ alert }) => alert === one)
    );
    return await writeBatch(db, others, onWait, reject);
  }
}

/** Returns the alerts of which the models refuse a row. */
function refusedAlerts(
  alerts: readonly BatchAlert[],
): { readonly alert: BatchAlert; readonly error: ValidationError }[] {
  return alerts.flatMap((alert) => {
    const error = refusedRow(alert.rows);
    return error === undefined ? [] : [{ alert, error }];
  });
}

function rejectedAlert(
  { rows }: ValidationError,
  index: number,
  alert: ZtfAlert,
): RejectedAlert {
  const problems = rows.map(({ field, reason }) => ({ field, reason }));
  return { index, alert, problems };
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

/** Returns the alert of the row of a table that an error names. */
function alertOfRow(
  error: ValidationError,
  alerts: readonly BatchAlert[],
): BatchAlert | undefined {
  let left = error.rows[0]?.index ?? 0;
  return alerts.find(({ rows }) => {
    const of = Object.entries(rows).find(([table]) => table === error.model);
    left -= of?.[1].length ?? 0;
    return left < 0;
  });
}
