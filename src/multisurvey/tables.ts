import type { AlertTables } from "../alerts/batch.ts";
import type { LsstAlert } from "../alerts/lsst_alert.ts";
import { ValidationError } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import {
  Detection,
  ForcedPhotometry,
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
} from "../models/multisurvey/mod.ts";
import { rowError } from "../writer/valid_rows.ts";
import { type LsstRecords, lsstRecords } from "./lsst_records.ts";
import { type LsstRows, lsstRows } from "./lsst_rows.ts";
import { writeLsst } from "./write_lsst.ts";
import type { WrittenRows } from "./written_rows.ts";

const MODELS = {
  detection: Detection,
  lsst_detection: LsstDetection,
  forced_photometry: ForcedPhotometry,
  lsst_forced_photometry: LsstForcedPhotometry,
  lsst_dia_object: LsstDiaObject,
  lsst_ss_detection: LsstSsDetection,
  lsst_mpc_orbits: LsstMpcOrbits,
} as const satisfies Record<keyof LsstRows, AnyModel>;

/** The tables of the multi-survey schema. */
export const MULTISURVEY: AlertTables<LsstAlert, LsstRecords, WrittenRows> = {
  none: { objects: 0, detections: 0, non_detections: 0, forced: 0 },
  rowsOf: lsstRecords,
  refusedRow,
  write: writeLsst,
};

/** Returns why a row of an alert cannot be made, or why its model refuses it; undefined if all are good. */
function refusedRow(records: LsstRecords): ValidationError | undefined {
  try {
    const rows: Readonly<Record<string, readonly object[]>> = {
      ...lsstRows(records),
    };
    for (const [table, model] of Object.entries(MODELS)) {
      for (const row of rows[table] ?? []) {
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
