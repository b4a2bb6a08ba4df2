import { exactInteger, fieldError, type Packet } from "../alerts/packet.ts";
import { partsOf, type ZtfAlert } from "../alerts/ztf_alert.ts";
import { OBJECT_ID, OBJECT_ID_FORM, ztfOid } from "../alerts/ztf_oid.ts";
import { COPY, type Measurement, namesOf, ownRank } from "./measurement.ts";
import { type ObjectKey, SID, TID } from "./object_key.ts";
import { finiteNumber } from "./record_rows.ts";

/** The records of a ZTF alert, with what decides their rows. */
export interface ZtfRecords {
  readonly candid: bigint;
  readonly object: ObjectKey;
  readonly candidate: Packet;
  readonly detections: readonly Measurement[];
  readonly forced: readonly Measurement[];
  readonly nonDetections: readonly NonDetection[];
}

/** A visit without a detection. */
interface NonDetection {
  readonly mjd: number;
  readonly record: Packet;
}

/** Julian date of modified Julian date 0 (IAU resolution B1 of 1997). */
const MJD_OFFSET = 2400000.5;
/** The flux of a forced measurement that failed; real values are within 1 of it. */
const NO_FLUX = -99999;
/** The uncertainties of a position, in arcseconds by filter, and of any other filter. */
const ERRORS: Readonly<Record<number, number>> = { 1: 0.065, 2: 0.085 };
const OTHER_ERROR = 0.01;

/**
 * Returns the records of an alert.
 *
 * @throws {ValidationError} if a field is missing or wrong
 */
export function ztfRecords(alert: ZtfAlert): ZtfRecords {
  const { objectId, candidate, prv_candidates, fp_hists, hasStamp, ...parts } =
    partsOf("alert", alert);
  const candid = exactInteger("candid", parts.candid);
  const object = { oid: oidOf(objectId), sid: SID.ztf, tid: TID.ztf };
  const detections = [
    measurementOf(object, candidate, {
      ...{ id: candid, rank: [ownRank(hasStamp), 0n], parent: null },
      position: "candidate",
      place: candidate,
    }),
  ];
  const nonDetections: NonDetection[] = [];
  for (const [index, record] of prv_candidates.entries()) {
    const position = `prv_candidates[${index}]`;
    if (record.candid === null || record.candid === undefined) {
      nonDetections.push({ mjd: mjdOf(record, position), record });
      continue;
    }
    detections.push(measurementOf(object, record, {
      ...{ id: exactInteger(`${position}.candid`, record.candid) },
      ...{ rank: [COPY, -candid], parent: candid, position, place: record },
    }));
  }
  const forced = fp_hists.flatMap((record, index) => {
    if (!hasFlux(record)) return [];
    const position = `fp_hists[${index}]`;
    return measurementOf(object, record, {
      ...{ id: exactInteger(`${position}.pid`, record.pid) },
      ...{ rank: [COPY, -candid], parent: candid, position, place: candidate },
    });
  });
  return { candid, object, candidate, detections, forced, nonDetections };
}

/** What a measurement has besides its record. */
interface Circumstances extends Pick<Measurement, "rank"> {
  readonly id: bigint;
  readonly parent: bigint | null;
  /** Where the record is, for errors. */
  readonly position: string;
  /** The record with the position on the sky. */
  readonly place: Packet;
}

function measurementOf(
  object: ObjectKey,
  record: Packet,
  { id, rank, parent, position, place }: Circumstances,
): Measurement {
  const where = place === record ? position : "candidate";
  const band = finiteNumber(record, "fid", position);
  return {
    ...namesOf(object, id),
    ...{ rank, record, parent_candid: parent },
    mjd: mjdOf(record, position),
    ra: finiteNumber(place, "ra", where),
    dec: finiteNumber(place, "dec", where),
    band,
    ...ztfErrors(band),
  };
}

/** Returns the uncertainties of a position, as ALeRCE takes them. */
export function ztfErrors(
  band: number | null,
): Pick<Measurement, "raErr" | "decErr"> {
  const error = ERRORS[band ?? 0] ?? OTHER_ERROR;
  return { raErr: error, decErr: error };
}

/** Returns the modified Julian date of a record. */
function mjdOf(record: Packet, position: string): number {
  return finiteNumber(record, "jd", position) - MJD_OFFSET;
}

/** Returns the modified Julian date of a field; null if it is missing. */
export function optionalMjd(record: Packet, name: string): number | null {
  const value = record[name];
  return value === null || value === undefined
    ? null
    : finiteNumber(record, name, "candidate") - MJD_OFFSET;
}

function oidOf(objectId: string): bigint {
  if (OBJECT_ID.test(objectId)) return ztfOid(objectId);
  throw fieldError("objectId", objectId, OBJECT_ID_FORM);
}

/** Whether a forced measurement has a flux and an uncertainty. */
function hasFlux({ forcediffimflux, forcediffimfluxunc }: Packet): boolean {
  return [forcediffimflux, forcediffimfluxunc].every((flux) =>
    typeof flux === "number" && flux !== 0 && Math.abs(flux - NO_FLUX) > 1
  );
}
