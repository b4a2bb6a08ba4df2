import type { Transaction } from "../connection/transaction.ts";
import type { RowOf } from "../model/types.ts";
import {
  ZtfDataquality,
  ZtfDetection,
  ZtfForcedPhotometry,
  ZtfGaia,
  ZtfObject,
  ZtfPs1,
  ZtfReference,
  ZtfSs,
} from "../models/multisurvey/mod.ts";
import { COPY, measurementText, ownRank, type Rank } from "./measurement.ts";
import { nonDetectionReader } from "./non_detections.ts";
import { SID } from "./object_key.ts";
import { type Survey, surveyWriter } from "./write_survey.ts";
import type { WrittenRows } from "./written_rows.ts";
import { ztfErrors, type ZtfRecords } from "./ztf_records.ts";
import { ztfDetectionRow, ztfForcedRow, ztfOtherRows } from "./ztf_rows.ts";

const ZTF: Survey<typeof ZtfDetection, typeof ZtfForcedPhotometry> = {
  sids: [SID.ztf],
  detections: {
    common: "detection",
    survey: ZtfDetection,
    surveyRow: ztfDetectionRow,
    kept: [
      ...["magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext"] as const,
      ...["corrected", "dubious"] as const,
    ],
  },
  forced: {
    common: "forced_photometry",
    survey: ZtfForcedPhotometry,
    surveyRow: ztfForcedRow,
    kept: [
      ...["mag_corr", "e_mag_corr", "e_mag_corr_ext"] as const,
      ...["corrected", "dubious"] as const,
    ],
  },
  async storedDetections(tx, oids) {
    const rows = await tx.query(ZtfDetection).findAll({
      filterBy: { oid: oids },
      select: ["oid", "sid", "measurement_id", "parent_candid", "has_stamp"],
    });
    return {
      ranks: new Map(rows.map((row): [string, Rank] => [
        measurementText(row),
        row.parent_candid === null
          ? [ownRank(row.has_stamp === true), 0n]
          : [COPY, -row.parent_candid],
      ])),
      errorsOf: (_, { band }) => ztfErrors(band),
    };
  },
  async forcedRanks(tx, oids) {
    const rows = await tx.query(ZtfForcedPhotometry).findAll({
      filterBy: { oid: oids },
      select: ["oid", "sid", "measurement_id", "parent_candid"],
    });
    return new Map(rows.map((row): [string, Rank] => [
      measurementText(row),
      [COPY, -(row.parent_candid ?? 0n)],
    ]));
  },
};

/** The fields of `ztf_object` that the latest alert sets. The greatest values, compared in this order, mark it. */
const HISTORY = [
  ...["mjdendhist", "ncovhist", "ndethist", "mjdstarthist"] as const,
] satisfies readonly (keyof RowOf<typeof ZtfObject>)[];

/** Returns the function that writes the rows of ZTF alerts. */
export function ztfWriter(
  alerts: readonly ZtfRecords[],
): (tx: Transaction) => Promise<WrittenRows> {
  const rows = alerts.map(ztfOtherRows);
  // Identifiers of candidates begin with the time of the exposure.
  const latest = { prefer: ["measurement_id"] } as const;
  return surveyWriter(ZTF, {
    detections: alerts.flatMap(({ detections }) => detections),
    forced: alerts.flatMap(({ forced }) => forced),
    nonDetections: nonDetectionReader(
      rows.flatMap(({ ztf_non_detection }) => ztf_non_detection),
    ),
    others: (tx) => [
      () =>
        tx.query(ZtfObject).bulkUpsert(
          rows.flatMap(({ ztf_object }) => ztf_object),
          { update: HISTORY, prefer: HISTORY },
        ),
      () => tx.query(ZtfSs).bulkInsert(rows.flatMap(({ ztf_ss }) => ztf_ss)),
      () => tx.query(ZtfPs1).bulkInsert(rows.flatMap(({ ztf_ps1 }) => ztf_ps1)),
      () =>
        tx.query(ZtfDataquality).bulkInsert(
          rows.flatMap(({ ztf_dataquality }) => ztf_dataquality),
        ),
      () =>
        tx.query(ZtfGaia).bulkUpsert(
          rows.flatMap(({ ztf_gaia }) => ztf_gaia),
          latest,
        ),
      () =>
        tx.query(ZtfReference).bulkUpsert(
          rows.flatMap(({ ztf_reference }) => ztf_reference),
          latest,
        ),
    ],
  });
}
