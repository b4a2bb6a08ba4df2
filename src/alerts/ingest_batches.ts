import {
  appendSentence,
  DbPluginsError,
  ValidationError,
} from "../base/errors/mod.ts";
import type { Transaction } from "../connection/transaction.ts";
import type { DatabaseConnection } from "../connection/types.ts";
import { type OnConflictWait, outlasting } from "../query/statement/outlast.ts";
import type { IngestOptions, RejectedAlert } from "./ingest_options.ts";
import { withIndex } from "./packet.ts";

const BATCH = 500;
/** How often a batch is retried after a conflict with another writer. */
const RETRIES = 10;

/** How alerts are stored in the tables of a schema. */
export interface AlertTables<Alert, Rows, Counts> {
  /** The counts of no rows. */
  readonly none: Counts;
  /**
   * Returns the rows of one alert.
   *
   * @throws {ValidationError} if a field is missing or wrong
   */
  rowsOf(alert: Alert): Rows;
  /** Returns why a model refuses one of the rows; undefined if none does. */
  refusedRow(rows: Rows): ValidationError | undefined;
  /** Returns the index of the alert whose row an error of `write` names, if it is known. */
  ownerOf(error: ValidationError, each: readonly Rows[]): number | undefined;
  /** Writes the rows of several alerts, and returns how many were new. */
  write(tx: Transaction, each: readonly Rows[]): Promise<Counts>;
}

/** An alert of a batch with its rows. */
interface BatchAlert<Alert, Rows> {
  readonly index: number;
  readonly alert: Alert;
  readonly rows: Rows;
}

/**
 * Writes alerts batch by batch, each in a transaction, and returns the totals.
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
  let report: { alerts: number } & Counts = { alerts: 0, ...tables.none };
  let [batch, read]: [Alert[], number] = [[], 0];
  const write = async (): Promise<void> => {
    const rejected: RejectedAlert<Alert>[] = [];
    const reject = onRejected === undefined
      ? undefined
      : (one: RejectedAlert<Alert>) => void rejected.push(one);
    const each = rowsOfAlerts(tables, batch, read, reject);
    const written = await writeBatch(db, tables, each, onWait, reject);
    read += batch.length;
    report = {
      ...report,
      ...sums(report, written),
      alerts: report.alerts + batch.length - rejected.length,
    };
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

type RejectAlert<Alert> = (rejected: RejectedAlert<Alert>) => void;

/** Returns the rows of each alert. `first` is the index of the first one. */
function rowsOfAlerts<Alert, Rows, Counts>(
  tables: AlertTables<Alert, Rows, Counts>,
  alerts: readonly Alert[],
  first: number,
  reject: RejectAlert<Alert> | undefined,
): BatchAlert<Alert, Rows>[] {
  return alerts.flatMap((alert, at) => {
    const index = first + at;
    try {
      return [{ index, alert, rows: tables.rowsOf(alert) }];
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      if (reject === undefined) throw withIndex(error, index);
      reject(rejectedAlert(error, index, alert));
      return [];
    }
  });
}

/** Writes a batch in a transaction; again without the alerts whose rows the models refuse, if these are set aside. */
async function writeBatch<Alert, Rows, Counts>(
  db: Pick<DatabaseConnection, "transaction">,
  tables: AlertTables<Alert, Rows, Counts>,
  alerts: readonly BatchAlert<Alert, Rows>[],
  onWait: OnConflictWait | undefined,
  reject: RejectAlert<Alert> | undefined,
): Promise<Counts> {
  if (alerts.length === 0) return tables.none;
  const each = alerts.map(({ rows }) => rows);
  try {
    return await db.transaction(
      (tx) => tables.write(tx, each),
      outlasting({ retries: RETRIES }, onWait),
    );
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const named = alerts[tables.ownerOf(error, each) ?? -1];
    if (named === undefined) throw error;
    if (reject === undefined) throw withIndex(error, named.index);
    // The error names one: all that the models refuse are set aside at once.
    const refused = refusedAlerts(tables, alerts);
    if (refused.length === 0) refused.push({ alert: named, error });
    for (const { alert: { alert, index }, error } of refused) {
      reject(rejectedAlert(error, index, alert));
    }
    const others = alerts.filter((one) =>
      !refused.some(({ alert }) => alert === one)
    );
    return await writeBatch(db, tables, others, onWait, reject);
  }
}

/** Returns the alerts of which the models refuse a row. */
function refusedAlerts<Alert, Rows, Counts>(
  tables: AlertTables<Alert, Rows, Counts>,
  alerts: readonly BatchAlert<Alert, Rows>[],
): {
  readonly alert: BatchAlert<Alert, Rows>;
  readonly error: ValidationError;
}[] {
  return alerts.flatMap((alert) => {
    const error = tables.refusedRow(alert.rows);
    return error === undefined ? [] : [{ alert, error }];
  });
}

function rejectedAlert<Alert>(
  { rows }: ValidationError,
  index: number,
  alert: Alert,
): RejectedAlert<Alert> {
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
