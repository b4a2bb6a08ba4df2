import type { DatabaseConnection } from "../connection/types.ts";
import type { Transaction } from "../connection/transaction.ts";
import {
  appendSentence,
  DbPluginsError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type OnConflictWait, outlasting } from "../query/statement/outlast.ts";
import type { AnyModel, RowOf } from "../model/types.ts";
import {
  AstroObject,
  Dataquality,
  Detection,
  Gaia_ztf,
  NonDetection,
  Ps1_ztf,
  Reference,
  Ss_ztf,
} from "../models/mod.ts";
import { withIndex, type ZtfAlert } from "./alert.ts";
import { deriveObjects, deriveSources } from "./derived.ts";
import { type AlertRows, alertRows } from "./alert_rows.ts";

/** The result of an ingest. Unchanged existing rows are not counted. */
export interface IngestReport {
  /** Number of alerts read. */
  alerts: number;
  /** Number of new objects. */
  objects: number;
  /** Number of new detections. */
  detections: number;
  /** Number of new non-detections. */
  non_detections: number;
}

/** Options of `ingestAlerts`. */
export interface IngestOptions {
  /** Alerts per transaction; 500 by default. */
  batchSize?: number;
  /** Called after each batch with the totals so far. */
  onBatch?: (report: Readonly<IngestReport>) => void;
  /**
   * Called on MongoDB before a batch is written again because the transaction of
   * another writer is in its way. `waited` is the time since the first conflict, and
   * `longest` the time after which the server has ended that transaction, also if
   * its client was killed; both in milliseconds.
   */
  onWait?: OnConflictWait;
}

const BATCH = 500;
/** How often a batch is retried after a conflict with another writer. */
const RETRIES = 10;

/** The fields of an object that its latest alert sets. The greatest values, compared in this order, mark the latest alert. */
const HISTORY = [
  "mjdendhist",
  "ncovhist",
  "ndethist",
  "mjdstarthist",
] as const satisfies readonly (keyof RowOf<typeof AstroObject>)[];

/** The key of a detection, and the fields that a correction step sets. */
const NOT_FROM_ALERT: ReadonlySet<string> = new Set([
  "candid",
  "oid",
  "magpsf_corr",
  "sigmapsf_corr",
  "sigmapsf_corr_ext",
  "corrected",
  "dubious",
  "step_id_corr",
]);

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
  { batchSize = BATCH, onBatch, onWait }: IngestOptions = {},
): Promise<IngestReport> {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new QueryError(
      "Cannot ingest alerts: batchSize must be a whole number, 1 or greater",
      { field: "batchSize" },
    );
  }
  const report = { alerts: 0, objects: 0, detections: 0, non_detections: 0 };
  let batch: ZtfAlert[] = [];
  const write = async (): Promise<void> => {
    const each = batch.map((alert, index) =>
      rowsOfAlert(alert, report.alerts + index)
    );
    const rows = joinRows(each);
    const written = await db.transaction(
      (tx) => writeRows(tx, rows),
      outlasting({ retries: RETRIES }, onWait),
    ).catch((error: unknown) => {
      throw byAlert(error, each, report.alerts);
    });
    report.alerts += batch.length;
    report.objects += written.objects;
    report.detections += written.detections;
    report.non_detections += written.non_detections;
    batch = [];
    onBatch?.({ ...report });
  };
  const writeBatch = () =>
    write().catch((error) => {
      throw afterBatches(error, report.alerts);
    });
  for await (const alert of alerts) {
    batch.push(alert);
    if (batch.length >= batchSize) await writeBatch();
  }
  if (batch.length > 0) await writeBatch();
  return report;
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

function joinRows(each: readonly AlertRows[]): AlertRows {
  return {
    object: each.flatMap(({ object }) => object),
    detection: each.flatMap(({ detection }) => detection),
    non_detection: each.flatMap(({ non_detection }) => non_detection),
    dataquality: each.flatMap(({ dataquality }) => dataquality),
    ps1_ztf: each.flatMap(({ ps1_ztf }) => ps1_ztf),
    ss_ztf: each.flatMap(({ ss_ztf }) => ss_ztf),
    gaia_ztf: each.flatMap(({ gaia_ztf }) => gaia_ztf),
    reference: each.flatMap(({ reference }) => reference),
  };
}

/** Returns an error about a row of a table as an error about the alert of that row. `first` is the index of the first alert. */
function byAlert(
  error: unknown,
  each: readonly AlertRows[],
  first: number,
): unknown {
  if (!(error instanceof ValidationError)) return error;
  const tables: Partial<Record<string, number[]>> = Object.fromEntries(
    Object.keys(each[0] ?? {}).map((table) => [
      table,
      each.flatMap((rows, index) =>
        Object.entries(rows).flatMap(([name, { length }]) =>
          name === table ? Array<number>(length).fill(index) : []
        )
      ),
    ]),
  );
  const index = tables[error.model]?.[error.rows[0]?.index ?? 0];
  return index === undefined ? error : withIndex(error, first + index);
}

function rowsOfAlert(alert: ZtfAlert, index: number): AlertRows {
  try {
    return alertRows(alert);
  } catch (error) {
    throw error instanceof ValidationError ? withIndex(error, index) : error;
  }
}

/** Writes the rows of a batch. The rows of the objects are first: they serialise the writers of an object, so that derived values are correct. */
async function writeRows(
  tx: Transaction,
  rows: AlertRows,
): Promise<Omit<IngestReport, "alerts">> {
  const oids = [...new Set(rows.object.map(({ oid }) => oid))];
  const objects = await tx.query(AstroObject).bulkUpsert(rows.object, {
    update: HISTORY,
    prefer: HISTORY,
  });
  await lockObjects(tx, oids);
  const detections = await tx.query(Detection).bulkUpsert(rows.detection, {
    update: fieldsExcept(Detection, NOT_FROM_ALERT),
    prefer: ["has_stamp", "parent_candid"],
  });
  const nonDetections = await tx.query(NonDetection).bulkUpsert(
    rows.non_detection,
    { prefer: ["diffmaglim"] },
  );
  await tx.query(Dataquality).bulkInsert(rows.dataquality);
  await tx.query(Ps1_ztf).bulkInsert(rows.ps1_ztf);
  await tx.query(Ss_ztf).bulkUpsert(rows.ss_ztf, { prefer: ["candid"] });
  await writeGaia(tx, rows.gaia_ztf);
  await tx.query(Reference).bulkUpsert(rows.reference, { prefer: ["candid"] });
  await deriveObjects(tx, oids);
  await deriveSources(tx, oids);
  return {
    objects: objects.inserted,
    detections: detections.inserted,
    non_detections: nonDetections.inserted,
  };
}

/** Changes the row of every object, which `deriveObjects` overwrites. With snapshot isolation, transactions conflict only if they change the same row. */
async function lockObjects(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  await tx.query(AstroObject).updateAll({
    filterBy: { oid: oids },
    set: { deltajd: -1 },
  });
}

/** Writes one row an object, of its latest alert. `unique1` is whether all alerts have the same source, identified by its magnitude. */
async function writeGaia(
  tx: Transaction,
  rows: AlertRows["gaia_ztf"],
): Promise<void> {
  if (rows.length === 0) return;
  const sources = new Map<string, Set<number | null>>();
  for (const { oid, maggaia = null } of rows) {
    sources.set(oid, (sources.get(oid) ?? new Set()).add(maggaia));
  }
  const others = [...sources].flatMap(([oid, magnitudes]) =>
    [...magnitudes].map((maggaia) => ({ oid, maggaia: { ne: maggaia } }))
  );
  await tx.query(Gaia_ztf).updateAll({
    filterBy: { unique1: true, or: others },
    set: { unique1: false },
  });
  await tx.query(Gaia_ztf).bulkUpsert(
    rows.map((row) => ({ ...row, unique1: sources.get(row.oid)?.size === 1 })),
    {
      update: fieldsExcept(Gaia_ztf, new Set(["oid", "unique1"])),
      prefer: ["candid"],
    },
  );
}

function fieldsExcept<M extends AnyModel>(
  model: M,
  names: ReadonlySet<string>,
): (keyof RowOf<M>)[] {
  return model.fields.map(({ name }) => name).filter((name) =>
    !names.has(name)
  );
}
