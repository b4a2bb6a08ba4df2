import type { Transaction } from "../connection/transaction.ts";
import type { RowOf } from "../model/types.ts";
import {
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
} from "../models/multisurvey/mod.ts";
import { contentsOf, type Errors } from "./contents.ts";
import type { LsstRecords } from "./lsst_records.ts";
import { lsstDetectionRow, lsstForcedRow, lsstOtherRows } from "./lsst_rows.ts";
import {
  bestCopies,
  COPY,
  measurementText,
  ownRank,
  type Rank,
  textOf,
} from "./measurement.ts";
import { SID } from "./object_key.ts";
import { deriveObjects, lockObjects, objectsOf } from "./objects.ts";
import { storedDetections, storedForced } from "./stored.ts";
import {
  type MeasurementTables,
  writeMeasurements,
} from "./write_measurements.ts";
import type { WrittenRows } from "./written_rows.ts";

const SIDS = [SID.dia, SID.solarSystem];
/** The uncertainty of a position whose packet has none, as ALeRCE takes it. */
const DEFAULT_ERROR = 0.01;

const DETECTIONS: MeasurementTables<typeof LsstDetection> = {
  common: "detection",
  survey: LsstDetection,
  surveyRow: lsstDetectionRow,
  kept: [],
};
const FORCED: MeasurementTables<typeof LsstForcedPhotometry> = {
  common: "forced_photometry",
  survey: LsstForcedPhotometry,
  surveyRow: lsstForcedRow,
  kept: [],
};

/** Writes the rows of alerts of LSST. */
export async function writeLsst(
  tx: Transaction,
  alerts: readonly LsstRecords[],
): Promise<WrittenRows> {
  const best = bestCopies(alerts.flatMap(({ detections }) => detections));
  const bestForced = bestCopies(alerts.flatMap(({ forced }) => forced));
  const objects = objectsOf(best.values());
  const oids = [...objects.values()].map(({ object: { oid } }) => oid);
  const added = await lockObjects(tx, objects);
  const stored = await storedDetections(tx, oids, SIDS);
  const { ranks, errors } = await storedSources(tx, oids);
  const { inserted, written } = await writeMeasurements(tx, DETECTIONS, best, {
    common: stored,
    ranks,
  });
  const forcedKeys = await storedForced(tx, oids, SIDS);
  const forced = await writeMeasurements(tx, FORCED, bestForced, {
    common: forcedKeys,
    ranks: await storedForcedRanks(tx, oids),
  });
  await writeOthers(tx, alerts);
  for (const one of written) errors.set(textOf(one), errorsOf(one.record));
  const contents = contentsOf({
    objects,
    stored,
    written,
    storedForced: forcedKeys,
    writtenForced: forced.written,
    errorsOf: (text) => errors.get(text) ?? errorsOf({}),
  });
  await deriveObjects(tx, contents.values());
  return {
    objects: added,
    detections: inserted,
    non_detections: 0,
    forced: forced.inserted,
  };
}

/** Returns the ranks of the stored detections of objects, and the uncertainties of their positions. */
async function storedSources(
  tx: Transaction,
  oids: readonly bigint[],
): Promise<{
  readonly ranks: ReadonlyMap<string, Rank>;
  readonly errors: Map<string, Errors>;
}> {
  const rows = await tx.query(LsstDetection).findAll({
    filterBy: { oid: oids },
    select: [
      ...["oid", "sid", "measurement_id", "has_stamp"] as const,
      ...["timeProcessedMjdTai", "raErr", "decErr"] as const,
    ],
  });
  const ranks = new Map<string, Rank>();
  const errors = new Map<string, Errors>();
  for (const row of rows) {
    const text = measurementText(row);
    const own = row.has_stamp === true ? ownRank(true) : COPY;
    ranks.set(text, [own, row.timeProcessedMjdTai]);
    errors.set(text, errorsOf(row));
  }
  return { ranks, errors };
}

/** Returns the ranks of the stored forced photometry of objects. */
async function storedForcedRanks(
  tx: Transaction,
  oids: readonly bigint[],
): Promise<ReadonlyMap<string, Rank>> {
  const rows = await tx.query(LsstForcedPhotometry).findAll({
    filterBy: { oid: oids },
    select: ["oid", "sid", "measurement_id", "timeProcessedMjdTai"],
  });
  return new Map(rows.map((row): [string, Rank] => [
    measurementText(row),
    [COPY, row.timeProcessedMjdTai],
  ]));
}

function errorsOf(
  { raErr, decErr }: Partial<
    Readonly<Record<keyof Errors, unknown>>
  >,
): Errors {
  return { raErr: errorOf(raErr), decErr: errorOf(decErr) };
}

/** Returns an uncertainty as its column stores it, so that a first write and a repeated one give equal bits. */
function errorOf(value: unknown): number {
  const error = typeof value === "number" ? Math.fround(value) : 0;
  return error > 0 && Number.isFinite(error) ? error : DEFAULT_ERROR;
}

/** The fields that mark the latest orbit of an object, compared in this order. */
const LATEST_ORBIT = [
  "updated_at",
  "epoch_mjd",
  "arc_length_total",
  "fitting_datetime",
  "nobs_total",
  "normalized_rms",
] as const satisfies readonly (keyof RowOf<typeof LsstMpcOrbits>)[];

/** Writes the rows that alerts have besides their measurements. */
async function writeOthers(
  tx: Transaction,
  alerts: readonly LsstRecords[],
): Promise<void> {
  const rows = alerts.map(lsstOtherRows);
  await tx.query(LsstDiaObject).bulkUpsert(
    rows.flatMap(({ lsst_dia_object }) => lsst_dia_object),
    { prefer: ["validityStartMjdTai", "nDiaSources"] },
  );
  await tx.query(LsstMpcOrbits).bulkUpsert(
    rows.flatMap(({ lsst_mpc_orbits }) => lsst_mpc_orbits),
    { prefer: LATEST_ORBIT },
  );
  await tx.query(LsstSsDetection).bulkInsert(
    rows.flatMap(({ lsst_ss_detection }) => lsst_ss_detection),
  );
}
