import type { Transaction } from "../connection/transaction.ts";
import type { RowOf } from "../model/types.ts";
import {
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
} from "../models/multisurvey/mod.ts";
import type { Errors } from "./contents.ts";
import { lsstErrors, type LsstRecords } from "./lsst_records.ts";
import { lsstDetectionRow, lsstForcedRow, lsstOtherRows } from "./lsst_rows.ts";
import { COPY, measurementText, ownRank, type Rank } from "./measurement.ts";
import { SID } from "./object_key.ts";
import { type Survey, surveyWriter } from "./write_survey.ts";
import type { WrittenRows } from "./written_rows.ts";

const LSST: Survey<typeof LsstDetection, typeof LsstForcedPhotometry> = {
  sids: [SID.dia, SID.solarSystem],
  detections: {
    common: "detection",
    survey: LsstDetection,
    surveyRow: lsstDetectionRow,
    kept: [],
  },
  forced: {
    common: "forced_photometry",
    survey: LsstForcedPhotometry,
    surveyRow: lsstForcedRow,
    kept: [],
  },
  async storedDetections(tx, oids) {
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
      errors.set(text, lsstErrors(row));
    }
    return { ranks, errorsOf: (text) => errors.get(text) ?? lsstErrors({}) };
  },
  async forcedRanks(tx, oids) {
    const rows = await tx.query(LsstForcedPhotometry).findAll({
      filterBy: { oid: oids },
      select: ["oid", "sid", "measurement_id", "timeProcessedMjdTai"],
    });
    return new Map(rows.map((row): [string, Rank] => [
      measurementText(row),
      [COPY, row.timeProcessedMjdTai],
    ]));
  },
};

/** The fields that mark the latest orbit of an object, compared in this order. */
const LATEST_ORBIT = [
  "updated_at",
  "epoch_mjd",
  "arc_length_total",
  "fitting_datetime",
  "nobs_total",
  "normalized_rms",
] as const satisfies readonly (keyof RowOf<typeof LsstMpcOrbits>)[];

/** Returns the function that writes the rows of alerts of LSST. */
export function lsstWriter(
  alerts: readonly LsstRecords[],
): (tx: Transaction) => Promise<WrittenRows> {
  const rows = alerts.map(lsstOtherRows);
  return surveyWriter(LSST, {
    detections: alerts.flatMap(({ detections }) => detections),
    forced: alerts.flatMap(({ forced }) => forced),
    others: (tx) => [
      () =>
        tx.query(LsstDiaObject).bulkUpsert(
          rows.flatMap(({ lsst_dia_object }) => lsst_dia_object),
          { prefer: ["validityStartMjdTai", "nDiaSources"] },
        ),
      () =>
        tx.query(LsstMpcOrbits).bulkUpsert(
          rows.flatMap(({ lsst_mpc_orbits }) => lsst_mpc_orbits),
          { prefer: LATEST_ORBIT },
        ),
      () =>
        tx.query(LsstSsDetection).bulkInsert(
          rows.flatMap(({ lsst_ss_detection }) => lsst_ss_detection),
        ),
    ],
  });
}
