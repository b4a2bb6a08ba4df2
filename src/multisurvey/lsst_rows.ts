import type { InsertOf } from "../model/types.ts";
import {
  type Detection,
  type ForcedPhotometry,
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
} from "../models/multisurvey/mod.ts";
import { commonRow } from "./common_row.ts";
import type { LsstRecords } from "./lsst_records.ts";
import { hasStamp, type Measurement } from "./measurement.ts";
import { recordRows } from "./record_rows.ts";

/** Names of schema 9 for fields of `lsst_ss_detection`. */
const SCHEMA_9: Readonly<Record<string, string>> = {
  eclLambda: "eclipticLambda",
  eclBeta: "eclipticBeta",
  galLon: "galacticL",
  galLat: "galacticB",
  topoRange: "topocentricDist",
  helioRange: "heliocentricDist",
  ephVmag: "predictedVMagnitude",
  helio_x: "heliocentricX",
  helio_y: "heliocentricY",
  helio_z: "heliocentricZ",
  helio_vx: "heliocentricVX",
  helio_vy: "heliocentricVY",
  helio_vz: "heliocentricVZ",
  topo_x: "topocentricX",
  topo_y: "topocentricY",
  topo_z: "topocentricZ",
  topo_vx: "topocentricVX",
  topo_vy: "topocentricVY",
  topo_vz: "topocentricVZ",
};

const detectionRow = recordRows(LsstDetection);
const forcedRow = recordRows(LsstForcedPhotometry);
const diaObjectRow = recordRows(LsstDiaObject, { oid: "diaObjectId" });
const ssDetectionRow = recordRows(LsstSsDetection, {
  measurement_id: "diaSourceId",
});
const ssDetectionRow9 = recordRows(LsstSsDetection, {
  measurement_id: "diaSourceId",
  ...SCHEMA_9,
});
const orbitRow = recordRows(LsstMpcOrbits);

/** Returns the row of `lsst_detection`. */
export function lsstDetectionRow(
  { object: { oid, sid }, measurement_id, rank, record }: Measurement,
): InsertOf<typeof LsstDetection> {
  return detectionRow(record, {
    ...{ oid, sid, measurement_id },
    has_stamp: hasStamp({ rank }),
  });
}

/** Returns the row of `lsst_forced_photometry`. */
export function lsstForcedRow(
  { object: { oid, sid }, measurement_id, record }: Measurement,
): InsertOf<typeof LsstForcedPhotometry> {
  return forcedRow(record, { oid, sid, measurement_id });
}

/** The rows of an alert besides those of its measurements, by table. */
export interface LsstOtherRows {
  /** The object outside of the solar system, as Rubin describes it. */
  lsst_dia_object: InsertOf<typeof LsstDiaObject>[];
  /** The source as one of a solar system object. */
  lsst_ss_detection: InsertOf<typeof LsstSsDetection>[];
  /** The orbit of the solar system object. */
  lsst_mpc_orbits: InsertOf<typeof LsstMpcOrbits>[];
}

/** The rows of an alert of LSST, by table. The row of `object` follows from the stored ones. */
export interface LsstRows extends LsstOtherRows {
  /** The source of the alert and earlier ones, as all surveys have them. */
  detection: InsertOf<typeof Detection>[];
  /** The rest of these sources. */
  lsst_detection: InsertOf<typeof LsstDetection>[];
  /** Forced photometry, as all surveys have it. */
  forced_photometry: InsertOf<typeof ForcedPhotometry>[];
  /** The rest of the forced photometry. */
  lsst_forced_photometry: InsertOf<typeof LsstForcedPhotometry>[];
}

/** Returns the rows of an alert. */
export function lsstRows(records: LsstRecords): LsstRows {
  const { detections, forced } = records;
  return {
    detection: detections.map(commonRow),
    lsst_detection: detections.map(lsstDetectionRow),
    forced_photometry: forced.map(commonRow),
    lsst_forced_photometry: forced.map(lsstForcedRow),
    ...lsstOtherRows(records),
  };
}

/** Returns the rows that an alert has besides its measurements. */
export function lsstOtherRows(
  { diaObject, ssSource, orbit }: LsstRecords,
): LsstOtherRows {
  return {
    lsst_dia_object: diaObject === null ? [] : [diaObjectRow(diaObject, {})],
    lsst_ss_detection: ssSource === null ? [] : [
      "eclipticLambda" in ssSource
        ? ssDetectionRow9(ssSource, {})
        : ssDetectionRow(ssSource, {}),
    ],
    lsst_mpc_orbits: orbit === null
      ? []
      : [orbitRow(orbit.record, { ssObjectId: orbit.ssObjectId })],
  };
}
