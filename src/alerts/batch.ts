import { ValidationError } from "../base/errors/mod.ts";
import type { Transaction } from "../connection/transaction.ts";
import type { DatabaseConnection } from "../connection/types.ts";
import { type OnConflictWait, outlasting } from "../query/statement/outlast.ts";
import type { RejectedAlert } from "./ingest_options.ts";
import { withIndex } from "./packet.ts";

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
  /** Returns what identifies the object of an alert. Alerts of different objects can be written at the same time without waiting for each other. */
  objectOf(rows: Rows): string;
  /** Returns why a model refuses one of the rows; undefined if none does. */
  refusedRow(rows: Rows): ValidationError | undefined;
  /** Returns the index of the alert whose row an error of `write` names, if no model refuses it. */
  ownerOf?(error: ValidationError, each: readonly Rows[]): number | undefined;
  /** Returns the function that writes the rows of several alerts, and returns how many were new. What it needs no database for is done at once. */
  writerOf(each: readonly Rows[]): (tx: Transaction) => Promise<Counts>;
}

/** An alert with its rows. */
export interface ReadAlert<Alert, Rows> {
  /** Its index in all alerts. */
  readonly index: number;
  readonly alert: Alert;
  readonly rows: Rows;
}

/** Alerts that are written in one transaction. */
export interface AlertBatch<Alert, Rows, Counts> {
  /** The number of alerts, with those that are set aside. */
  readonly size: number;
  readonly alerts: readonly ReadAlert<Alert, Rows>[];
  /** The alerts that were set aside. */
  readonly rejected: readonly RejectedAlert<Alert>[];
  /** Adds an alert. */
  add(alert: ReadAlert<Alert, Rows> | RejectedAlert<Alert>): void;
  /** Returns the function that writes its rows; called when it has all alerts. */
  writer(): (tx: Transaction) => Promise<Counts>;
}

/** Creates an empty batch. */
export function createBatch<Alert, Rows, Counts>(
  { writerOf }: Pick<AlertTables<Alert, Rows, Counts>, "writerOf">,
): AlertBatch<Alert, Rows, Counts> {
  const alerts: ReadAlert<Alert, Rows>[] = [];
  const rejected: RejectedAlert<Alert>[] = [];
  let writer: ((tx: Transaction) => Promise<Counts>) | undefined;
  return {
    alerts,
    rejected,
    get size() {
      return alerts.length + rejected.length;
    },
    add(alert) {
      if ("rows" in alert) alerts.push(alert);
      else rejected.push(alert);
    },
    writer: () => writer ??= writerOf(alerts.map(({ rows }) => rows)),
  };
}

/**
 * Returns an alert with its rows, or why it is set aside.
 *
 * @param setsAside whether alerts whose values are refused are set aside
 * @throws {ValidationError} if a value is wrong, and such alerts are not set aside
 */
export function readAlert<Alert, Rows>(
  { rowsOf }: Pick<AlertTables<Alert, Rows, unknown>, "rowsOf">,
  alert: Alert,
  index: number,
  setsAside: boolean,
): ReadAlert<Alert, Rows> | RejectedAlert<Alert> {
  try {
    return { index, alert, rows: rowsOf(alert) };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    if (!setsAside) throw withIndex(error, index);
    return rejectedAlert(error, index, alert);
  }
}

/** The result of a batch. */
interface WrittenBatch<Alert, Counts> {
  readonly counts: Counts;
  /** All alerts that were set aside, by their index. */
  readonly rejected: readonly RejectedAlert<Alert>[];
}

/**
 * Writes a batch in a transaction; again without the alerts whose rows the models
 * refuse, if these are set aside.
 *
 * @param setsAside whether alerts whose values are refused are set aside
 */
export async function writeBatch<Alert, Rows, Counts>(
  db: Pick<DatabaseConnection, "transaction">,
  tables: AlertTables<Alert, Rows, Counts>,
  batch: AlertBatch<Alert, Rows, Counts>,
  setsAside: boolean,
  onWait: OnConflictWait | undefined,
): Promise<WrittenBatch<Alert, Counts>> {
  const rejected = [...batch.rejected];
  let { alerts } = batch;
  let counts = tables.none;
  let write = batch.writer();
  while (alerts.length > 0) {
    try {
      counts = await db.transaction(
        write,
        outlasting({ retries: RETRIES }, onWait),
      );
      break;
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      const refused = refusedAlerts(tables, alerts, error);
      const [first] = refused;
      if (first === undefined) throw error;
      if (!setsAside) throw withIndex(first.error, first.alert.index);
      for (const { alert: { alert, index }, error } of refused) {
        rejected.push(rejectedAlert(error, index, alert));
      }
      alerts = alerts.filter((one) =>
        !refused.some(({ alert }) => alert === one)
      );
      write = tables.writerOf(alerts.map(({ rows }) => rows));
    }
  }
  rejected.sort((one, other) => one.index - other.index);
  return { counts, rejected };
}

/** Returns all alerts of which the models refuse a row. The error of a write names one; if the models refuse none, it is that one. */
function refusedAlerts<Alert, Rows, Counts>(
  tables: AlertTables<Alert, Rows, Counts>,
  alerts: readonly ReadAlert<Alert, Rows>[],
  error: ValidationError,
): readonly {
  readonly alert: ReadAlert<Alert, Rows>;
  readonly error: ValidationError;
}[] {
  const refused = alerts.flatMap((alert) => {
    const error = tables.refusedRow(alert.rows);
    return error === undefined ? [] : [{ alert, error }];
  });
  if (refused.length > 0) return refused;
  const owner = tables.ownerOf?.(error, alerts.map(({ rows }) => rows));
  const alert = alerts[owner ?? -1];
  return alert === undefined ? [] : [{ alert, error }];
}

function rejectedAlert<Alert>(
  { rows }: ValidationError,
  index: number,
  alert: Alert,
): RejectedAlert<Alert> {
  const problems = rows.map(({ field, reason }) => ({ field, reason }));
  return { index, alert, problems };
}
