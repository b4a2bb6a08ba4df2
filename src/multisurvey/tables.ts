import type { AlertTables } from "../alerts/batch.ts";
import { isLsst, type LsstAlert } from "../alerts/lsst_alert.ts";
import type { ZtfAlert } from "../alerts/ztf_alert.ts";
import { ValidationError } from "../base/errors/mod.ts";
import type { Transaction } from "../connection/transaction.ts";
import { MULTISURVEY_MODELS } from "../models/multisurvey/mod.ts";
import { rowError } from "../writer/valid_rows.ts";
import { type LsstRecords, lsstRecords } from "./lsst_records.ts";
import { lsstRows } from "./lsst_rows.ts";
import { lsstWriter } from "./write_lsst.ts";
import { ztfWriter } from "./write_ztf.ts";
import type { WrittenRows } from "./written_rows.ts";
import { type ZtfRecords, ztfRecords } from "./ztf_records.ts";
import { ztfRows } from "./ztf_rows.ts";

/** An alert of a survey that the tables hold. */
type SurveyAlert = ZtfAlert | LsstAlert;

/** The records of an alert. */
type SurveyRecords = { readonly lsst: LsstRecords } | {
  readonly ztf: ZtfRecords;
};

const NONE: WrittenRows = {
  objects: 0,
  detections: 0,
  non_detections: 0,
  forced: 0,
};

/** The tables of the multi-survey schema. */
export const MULTISURVEY: AlertTables<SurveyAlert, SurveyRecords, WrittenRows> =
  {
    none: NONE,
    rowsOf: recordsOf,
    objectOf,
    refusedRow,
    writerOf,
  };

function objectOf(records: SurveyRecords): string {
  const { detections: [own] } = "lsst" in records ? records.lsst : records.ztf;
  return own?.objectText ?? "";
}

function recordsOf(alert: SurveyAlert): SurveyRecords {
  return isLsst(alert)
    ? { lsst: lsstRecords(alert) }
    : { ztf: ztfRecords(alert) };
}

/** Returns the function that writes the rows of alerts of both surveys. */
function writerOf(
  alerts: readonly SurveyRecords[],
): (tx: Transaction) => Promise<WrittenRows> {
  const lsst = alerts.flatMap((one) => "lsst" in one ? one.lsst : []);
  const ztf = alerts.flatMap((one) => "ztf" in one ? one.ztf : []);
  const writers = [
    ...lsst.length === 0 ? [] : [lsstWriter(lsst)],
    ...ztf.length === 0 ? [] : [ztfWriter(ztf)],
  ];
  return async (tx) => {
    let sum = NONE;
    for (const write of writers) {
      const { objects, detections, non_detections, forced } = await write(tx);
      sum = {
        objects: sum.objects + objects,
        detections: sum.detections + detections,
        non_detections: sum.non_detections + non_detections,
        forced: sum.forced + forced,
      };
    }
    return sum;
  };
}

/** Returns why a row of an alert cannot be made, or why its model refuses it; undefined if all are good. */
function refusedRow(records: SurveyRecords): ValidationError | undefined {
  try {
    const rows: Readonly<Record<string, readonly object[]>> = {
      ..."lsst" in records ? lsstRows(records.lsst) : ztfRows(records.ztf),
    };
    for (const model of MULTISURVEY_MODELS) {
      for (const row of rows[model.table] ?? []) {
        const error = rowError(model, "insert", row, 0);
        if (error !== undefined) return error;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof ValidationError) return error;
    throw error;
  }
}
