import type { Packet } from "../alerts/packet.ts";
import type { InsertOf } from "../model/types.ts";
import {
  type Detection,
  type ForcedPhotometry,
  ZtfDataquality,
  ZtfDetection,
  ZtfForcedPhotometry,
  ZtfGaia,
  ZtfNonDetection,
  ZtfObject,
  ZtfPs1,
  ZtfReference,
  ZtfSs,
} from "../models/multisurvey/mod.ts";
import { commonRow } from "./common_row.ts";
import { hasStamp, type Measurement } from "./measurement.ts";
import { recordRows } from "./record_rows.ts";
import { optionalMjd, type ZtfRecords } from "./ztf_records.ts";

const detectionRow = recordRows(ZtfDetection);
const forcedRow = recordRows(ZtfForcedPhotometry);
const nonDetectionRow = recordRows(ZtfNonDetection, { band: "fid" });
const objectRow = recordRows(ZtfObject);
const ssRow = recordRows(ZtfSs);
const ps1Row = recordRows(ZtfPs1);
const gaiaRow = recordRows(ZtfGaia);
const qualityRow = recordRows(ZtfDataquality);
const referenceRow = recordRows(ZtfReference, { band: "fid" });

/** The rows of a ZTF alert besides those of its measurements, by table. */
export interface ZtfOtherRows {
  /** Visits without a detection. */
  ztf_non_detection: InsertOf<typeof ZtfNonDetection>[];
  /** The history of the object. */
  ztf_object: InsertOf<typeof ZtfObject>[];
  /** The nearest solar system object. */
  ztf_ss: InsertOf<typeof ZtfSs>[];
  /** The nearest Pan-STARRS1 sources. */
  ztf_ps1: InsertOf<typeof ZtfPs1>[];
  /** The nearest Gaia sources. */
  ztf_gaia: InsertOf<typeof ZtfGaia>[];
  /** Quality of the image. */
  ztf_dataquality: InsertOf<typeof ZtfDataquality>[];
  /** The reference image. */
  ztf_reference: InsertOf<typeof ZtfReference>[];
}

/** The rows of a ZTF alert in the multi-survey tables. The row of `object` follows from the stored ones. */
export interface ZtfRows extends ZtfOtherRows {
  /** The candidate of the alert and earlier ones, as all surveys have them. */
  detection: InsertOf<typeof Detection>[];
  /** The rest of these candidates. */
  ztf_detection: InsertOf<typeof ZtfDetection>[];
  /** Forced photometry, as all surveys have it. */
  forced_photometry: InsertOf<typeof ForcedPhotometry>[];
  /** The rest of the forced photometry. */
  ztf_forced_photometry: InsertOf<typeof ZtfForcedPhotometry>[];
}

/** Returns the rows of an alert. */
export function ztfRows(records: ZtfRecords): ZtfRows {
  const { detections, forced } = records;
  return {
    detection: detections.map(commonRow),
    ztf_detection: detections.map(ztfDetectionRow),
    forced_photometry: forced.map(commonRow),
    ztf_forced_photometry: forced.map(ztfForcedRow),
    ...ztfOtherRows(records),
  };
}

/** Returns the row of `ztf_detection`. */
export function ztfDetectionRow(
  { object: { oid, sid }, measurement_id, parent_candid, rank, record }:
    Measurement,
): InsertOf<typeof ZtfDetection> {
  return detectionRow(record, {
    ...{ oid, sid, measurement_id, parent_candid },
    isdiffpos: isPositive(record.isdiffpos) ? 1 : -1,
    ...parent_candid === null
      ? {}
      : { drb: null, drbversion: null, rfid: null },
    ...{ corrected: false, dubious: false, has_stamp: hasStamp({ rank }) },
  });
}

/** Returns the row of `ztf_forced_photometry`. */
export function ztfForcedRow(
  { object: { oid, sid }, measurement_id, parent_candid, record }: Measurement,
): InsertOf<typeof ZtfForcedPhotometry> {
  const flux = Number(record.forcediffimflux);
  const { magzpsci: zeroPoint } = record;
  return forcedRow(record, {
    ...{ oid, sid, measurement_id, parent_candid },
    // Without a zero point, the row is refused because of `magzpsci`.
    mag: typeof zeroPoint === "number"
      ? zeroPoint - 2.5 * Math.log10(Math.abs(flux))
      : 0,
    e_mag: 1.0857 * Number(record.forcediffimfluxunc) / Math.abs(flux),
    isdiffpos: flux > 0 ? 1 : -1,
    ...{ corrected: false, dubious: false },
  });
}

/** Returns the rows that an alert has besides its measurements. */
export function ztfOtherRows(
  { object: { oid, sid }, candid, candidate, nonDetections }: ZtfRecords,
): ZtfOtherRows {
  const own = { oid, measurement_id: candid };
  const { rfid, ssnamenr } = candidate;
  return {
    ztf_non_detection: nonDetections.map(({ mjd, record }) =>
      nonDetectionRow(record, { oid, sid, mjd })
    ),
    ztf_object: [objectRow(history(candidate), {
      oid,
      corrected: false,
      mjdstarthist: optionalMjd(candidate, "jdstarthist"),
      mjdendhist: optionalMjd(candidate, "jdendhist"),
    })],
    ztf_ss: [ssRow(candidate, {
      ...own,
      ...ssnamenr === "null" ? { ssnamenr: null } : {},
    })],
    ztf_ps1: [ps1Row(candidate, own)],
    ztf_gaia: [gaiaRow(candidate, own)],
    ztf_dataquality: [qualityRow(candidate, own)],
    ztf_reference: rfid === null || rfid === undefined
      ? []
      : [referenceRow(candidate, {
        ...own,
        mjdstartref: optionalMjd(candidate, "jdstartref"),
        mjdendref: optionalMjd(candidate, "jdendref"),
      })],
  };
}

/** Returns what the candidate of an alert says about its object. */
function history({ ndethist, ncovhist }: Packet): Packet {
  return { ndethist, ncovhist };
}

function isPositive(value: unknown): boolean {
  return value === "t" || value === "1" || value === 1 || value === true;
}
