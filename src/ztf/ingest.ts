import type { DatabaseConnection } from "../connection/types.ts";
import type { Transaction } from "../connection/transaction.ts";
import { QueryError, ValidationError } from "../base/errors/mod.ts";
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
import { placed, type ZtfAlert } from "./alert.ts";
import { deriveObjects, deriveSources } from "./derived.ts";
import { type AlertRows, alertRows } from "./rows.ts";

/** What an ingest wrote. Rows that were there and came again unchanged are not counted. */
export interface IngestReport {
  /** Alerts read. */
  alerts: number;
  /** Objects that were new. */
  objects: number;
  /** Detections that were new. */
  detections: number;
  /** Non-detections that were new. */
  non_detections: number;
}

/** How alerts are ingested. */
export interface IngestOptions {
  /** Alerts a transaction: 500. */
  batchSize?: number;
  /** Told after each batch of all that was written so far. */
  onBatch?: (report: Readonly<IngestReport>) => void;
}

const BATCH = 500;
/** How often a batch is written again that met another writer. */
const RETRIES = 10;

/** What an alert says of its object's history, by which the latest alert's is told: each compared in turn. */
const HISTORY = [
  "mjdendhist",
  "ncovhist",
  "ndethist",
  "mjdstarthist",
] as const satisfies readonly (keyof RowOf<typeof AstroObject>)[];

/** Fields of a detection that a correction step sets, and the key. */
const NOT_OF_THE_ALERT: ReadonlySet<string> = new Set([
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
 * Writes alerts, in whatever order they come, however often, and from several
 * processes at once: the tables end the same. An object's own alert wins over
 * what later ones repeat of it, of those the latest; of non-detections of one
 * visit the deeper limit counts. What a correction step has set stays. Number
 * of detections, mean position, first and last date are worked out again from
 * the stored detections.
 *
 * A batch is written whole or not at all; batches before one that fails stay.
 *
 * @param db a connection to ALeRCE's tables
 * @throws {ValidationError} for an alert that cannot be written, with its place among `alerts` as index
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
  { batchSize = BATCH, onBatch }: IngestOptions = {},
): Promise<IngestReport> {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new QueryError(
      "Cannot ingest alerts: batchSize must be a whole number of 1 or more",
      { field: "batchSize" },
    );
  }
  const report = { alerts: 0, objects: 0, detections: 0, non_detections: 0 };
  let batch: ZtfAlert[] = [];
  const write = async (): Promise<void> => {
    const each = batch.map((alert, place) =>
      rowsOfOne(alert, report.alerts + place)
    );
    const rows = joined(each);
    const written = await db.transaction((tx) => writeRows(tx, rows), {
      retries: RETRIES,
    }).catch((error: unknown) => {
      throw byAlert(error, each, report.alerts);
    });
    report.alerts += batch.length;
    report.objects += written.objects;
    report.detections += written.detections;
    report.non_detections += written.non_detections;
    batch = [];
    onBatch?.({ ...report });
  };
  for await (const alert of alerts) {
    batch.push(alert);
    if (batch.length >= batchSize) await write();
  }
  if (batch.length > 0) await write();
  return report;
}

function joined(each: readonly AlertRows[]): AlertRows {
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

/** An error that names a row of a table, as one that names the alert that made it. `first` is the first alert's place. */
function byAlert(
  error: unknown,
  each: readonly AlertRows[],
  first: number,
): unknown {
  if (!(error instanceof ValidationError)) return error;
  const tables: Partial<Record<string, number[]>> = Object.fromEntries(
    Object.keys(each[0] ?? {}).map((table) => [
      table,
      each.flatMap((rows, place) =>
        Object.entries(rows).flatMap(([name, { length }]) =>
          name === table ? Array<number>(length).fill(place) : []
        )
      ),
    ]),
  );
  const place = tables[error.model]?.[error.rows[0]?.index ?? 0];
  return place === undefined ? error : placed(error, first + place);
}

function rowsOfOne(alert: ZtfAlert, index: number): AlertRows {
  try {
    return alertRows(alert);
  } catch (error) {
    throw error instanceof ValidationError ? placed(error, index) : error;
  }
}

/** Writes the rows of a batch. The objects' rows come first: writers of one object meet there, so that what is derived from the stored rows is right. */
async function writeRows(
  tx: Transaction,
  rows: AlertRows,
): Promise<Omit<IngestReport, "alerts">> {
  const oids = [...new Set(rows.object.map(({ oid }) => oid))];
  const objects = await tx.query(AstroObject).bulkUpsert(rows.object, {
    update: HISTORY,
    prefer: HISTORY,
  });
  await holdObjects(tx, oids);
  const detections = await tx.query(Detection).bulkUpsert(rows.detection, {
    update: fieldsBut(Detection, NOT_OF_THE_ALERT),
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

/** Changes every object's row until `deriveObjects` works it out again: where a transaction is a snapshot, only those that change the same row meet. */
async function holdObjects(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  await tx.query(AstroObject).updateAll({
    filterBy: { oid: oids },
    set: { deltajd: -1 },
  });
}

/** An object has one row, of its latest alert; `unique1` says whether every alert named the same source, told by its magnitude. */
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
      update: fieldsBut(Gaia_ztf, new Set(["oid", "unique1"])),
      prefer: ["candid"],
    },
  );
}

function fieldsBut<M extends AnyModel>(
  model: M,
  names: ReadonlySet<string>,
): (keyof RowOf<M>)[] {
  return model.fields.map(({ name }) => name).filter((name) =>
    !names.has(name)
  );
}
