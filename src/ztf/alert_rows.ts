import { decimalProblem } from "../base/decimal_problem.ts";
import type { Field } from "../model/field.ts";
import type { AnyModel, InsertOf } from "../model/types.ts";
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
import { exactInteger, fieldError, type Packet } from "../alerts/packet.ts";
import { partsOf, type ZtfAlert } from "../alerts/ztf_alert.ts";

/** The rows of alerts, by table. */
export interface AlertRows {
  /** The object, with its history at the time of the alert. */
  object: InsertOf<typeof AstroObject>[];
  /** The candidate of the alert, and earlier candidates. */
  detection: InsertOf<typeof Detection>[];
  /** Visits without a detection. */
  non_detection: InsertOf<typeof NonDetection>[];
  /** Quality of the image of the alert's own candidate. */
  dataquality: InsertOf<typeof Dataquality>[];
  /** The nearest Pan-STARRS1 sources. */
  ps1_ztf: InsertOf<typeof Ps1_ztf>[];
  /** The nearest solar system object. */
  ss_ztf: InsertOf<typeof Ss_ztf>[];
  /** The nearest Gaia sources, if the schema version has them. */
  gaia_ztf: InsertOf<typeof Gaia_ztf>[];
  /** The reference image. */
  reference: InsertOf<typeof Reference>[];
}

/** Julian date of modified Julian date 0 (IAU resolution B1 of 1997). */
const MJD_OFFSET = 2400000.5;
/** The number for a missing value in packets. */
const NONE = -999;
const NONE_AS_INTEGER = BigInt(NONE);
const NONE_AS_TEXT = String(NONE);
/** The value of `step_id_corr` before the first correction step. */
const UNCORRECTED = "uncorrected";

/**
 * Returns the rows of one alert. A value of -999 is null, as is a field that is
 * missing in the schema version. Values derived from several alerts are omitted.
 *
 * @throws {ValidationError} if a field is missing or wrong
 * @example
 * ```ts
 * import { alertFromJson, alertRows } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * const alert = alertFromJson(`{
 *   "objectId": "ZTF18aaxlzgi", "candid": "516171791415015025",
 *   "candidate": { "jd": 2458270.5, "fid": 2, "pid": 516171791415, "isdiffpos": "t", "ra": 176.86, "dec": 15.46,
 *     "magpsf": 19.87, "sigmapsf": 0.17, "rfid": 575120214, "ranr": 176.86, "decnr": 15.46,
 *     "jdstartref": 2458155.9, "jdendref": 2458186.85, "nframesref": 20, "nmtchps": 6 },
 *   "prv_candidates": null
 * }`);
 * const { detection: [detection] } = alertRows(alert);
 * assert.equal(detection?.candid, 516171791415015025n);
 * assert.equal(detection?.mjd, 58270);
 * assert.equal(detection?.isdiffpos, 1);
 * ```
 */
export function alertRows(alert: ZtfAlert): AlertRows {
  const { objectId: oid, candidate, prv_candidates, ...parts } = partsOf(
    "alert",
    alert,
  );
  const candid = exactInteger("candid", parts.candid);
  const { ndethist, ncovhist } = candidate;
  const earlier = prv_candidates.filter((packet) => hasCandid(packet));
  const nonDetections = prv_candidates.filter((packet) => !hasCandid(packet));
  const own = { oid, candid };
  return {
    object: [objectRow({ ndethist, ncovhist }, {
      oid,
      mjdstarthist: mjd(candidate, "jdstarthist"),
      mjdendhist: mjd(candidate, "jdendhist"),
    })],
    detection: [
      detectionOf(oid, candid, candidate, null),
      ...earlier.map((packet) =>
        detectionOf(oid, exactInteger("candid", packet.candid), packet, candid)
      ),
    ],
    non_detection: nonDetections.map((packet) =>
      nonDetectionRow(packet, { oid, mjd: requiredMjd(packet, "jd") })
    ),
    dataquality: [dataqualityRow(candidate, own)],
    ps1_ztf: [
      ps1Row(candidate, {
        ...own,
        unique1: true,
        unique2: true,
        unique3: true,
      }),
    ],
    ss_ztf: [
      solarSystemRow(candidate, {
        ...own,
        ssnamenr: solarSystemName(candidate.ssnamenr),
      }),
    ],
    gaia_ztf: Object.hasOwn(candidate, "neargaia")
      ? [gaiaRow(candidate, { ...own, unique1: true })]
      : [],
    reference: isNone(candidate.rfid) ? [] : [
      referenceRow(candidate, {
        ...own,
        mjdstartref: requiredMjd(candidate, "jdstartref"),
        mjdendref: requiredMjd(candidate, "jdendref"),
      }),
    ],
  };
}

const objectRow = rowMaker(AstroObject, ["oid", "mjdstarthist", "mjdendhist"]);
const detectionRow = rowMaker(Detection, [
  "oid",
  "candid",
  "mjd",
  "isdiffpos",
  "parent_candid",
  "has_stamp",
  "magpsf_corr",
  "sigmapsf_corr",
  "sigmapsf_corr_ext",
  "corrected",
  "dubious",
  "step_id_corr",
]);
const nonDetectionRow = rowMaker(NonDetection, ["oid", "mjd"]);
const dataqualityRow = rowMaker(Dataquality, ["oid", "candid"]);
const ps1Row = rowMaker(Ps1_ztf, [
  "oid",
  "candid",
  "unique1",
  "unique2",
  "unique3",
]);
const solarSystemRow = rowMaker(Ss_ztf, ["oid", "candid", "ssnamenr"]);
const gaiaRow = rowMaker(Gaia_ztf, ["oid", "candid", "unique1"]);
const referenceRow = rowMaker(Reference, [
  "oid",
  "candid",
  "mjdstartref",
  "mjdendref",
]);

/** The row of one measurement. `parent` is the later alert that contains it; null for the own alert. */
function detectionOf(
  oid: string,
  candid: bigint,
  packet: Packet,
  parent: bigint | null,
): InsertOf<typeof Detection> {
  return detectionRow(packet, {
    oid,
    candid,
    mjd: requiredMjd(packet, "jd"),
    isdiffpos: differenceSign(packet.isdiffpos),
    parent_candid: parent,
    has_stamp: parent === null,
    magpsf_corr: null,
    sigmapsf_corr: null,
    sigmapsf_corr_ext: null,
    corrected: false,
    dubious: false,
    step_id_corr: UNCORRECTED,
  });
}

/**
 * Returns a function that makes rows of a model: the packet's fields of the same
 * names, and other values.
 *
 * @param given the fields with other values
 */
function rowMaker<M extends AnyModel, Name extends keyof InsertOf<M> & string>(
  model: M,
  given: readonly Name[],
): (packet: Packet, values: Pick<InsertOf<M>, Name>) => InsertOf<M> {
  const names: ReadonlySet<string> = new Set(given);
  const read = model.fields.filter(({ name }) => !names.has(name))
    .map((field) => [field.name, readerOf(field)] as const);
  const empty = Object.fromEntries(
    model.fields.map(({ name }) => [name, null]),
  );
  return (packet, values) => {
    // A copy has room for all fields, and needs no more memory for each of them.
    const row: Record<string, unknown> = { ...empty };
    for (const [name, valueOf] of read) row[name] = valueOf(packet[name]);
    for (const name of given) row[name] = values[name];
    // The write checks the row against the model.
    return row as InsertOf<M>;
  };
}

/** Returns the function that converts a value of a packet to the type of a field. */
function readerOf({ name, type }: Field): (value: unknown) => unknown {
  switch (type.kind) {
    case "int64":
      return (value) => isNone(value) ? null : exactInteger(name, value);
    case "int16":
    case "int32":
    case "float64":
      return (value) => {
        if (isNone(value)) return null;
        if (typeof value === "bigint") return Number(value);
        return isDecimal(value) ? floatOf(name, value) : value;
      };
    default:
      return (value) => isNone(value) ? null : value;
  }
}

function hasCandid({ candid }: Packet): boolean {
  return !isNone(candid);
}

function isNone(value: unknown): boolean {
  switch (typeof value) {
    case "number":
      return value === NONE;
    case "bigint":
      return value === NONE_AS_INTEGER;
    case "string":
      return value === NONE_AS_TEXT;
    default:
      return value === null || value === undefined;
  }
}

/** Whether a value is a number as text: JSON packets keep the digits of identifiers so. A float column takes the nearest number. */
function isDecimal(value: unknown): value is string {
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value);
}

function floatOf(field: string, text: string): number {
  const problem = decimalProblem(text);
  if (problem === undefined) return Number(text);
  throw fieldError(field, text, problem);
}

function mjd(packet: Packet, name: string): number | null {
  const value = packet[name];
  if (isNone(value)) return null;
  if (typeof value === "number") return value - MJD_OFFSET;
  throw fieldError(name, value, "must be a Julian date, in days");
}

function requiredMjd(packet: Packet, name: string): number {
  const value = mjd(packet, name);
  if (value !== null) return value;
  throw fieldError(name, packet[name], "is required: a Julian date, in days");
}

function differenceSign(value: unknown): number {
  switch (value) {
    case "t":
    case "1":
    case 1:
    case true:
      return 1;
    case "f":
    case "0":
    case 0:
    case false:
      return -1;
    default:
      throw fieldError("isdiffpos", value, "must be t, 1, f or 0");
  }
}

/** Packets have the text `null` if there is no object. */
function solarSystemName(value: unknown): string | null {
  if (isNone(value) || value === "null" || value === "") return null;
  if (typeof value === "string") return value;
  throw fieldError("ssnamenr", value, "must be a string");
}
