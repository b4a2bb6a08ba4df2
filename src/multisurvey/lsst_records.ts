import { alertOf, type LsstAlert } from "../alerts/lsst_alert.ts";
import { fieldError, type Packet } from "../alerts/packet.ts";
import { COPY, type Measurement, namesOf, ownRank } from "./measurement.ts";
import { identifier, lsstObject } from "./object_key.ts";
import { finiteNumber } from "./record_rows.ts";

/** The records of an alert of LSST, with what decides their rows. */
export interface LsstRecords {
  readonly detections: readonly Measurement[];
  readonly forced: readonly Measurement[];
  readonly diaObject: Packet | null;
  readonly ssSource: Packet | null;
  readonly orbit: Orbit | null;
}

/** The orbit of a solar system object. */
interface Orbit {
  readonly ssObjectId: bigint;
  readonly record: Packet;
}

/** The numbers of the bands. */
const BANDS: ReadonlyMap<unknown, number> = new Map([
  ["g", 1],
  ["r", 2],
  ["i", 3],
  ["z", 4],
  ["y", 5],
  ["u", 6],
]);

/**
 * Returns the records of an alert.
 *
 * @throws {ValidationError} if a field is missing or wrong
 */
export function lsstRecords(given: LsstAlert): LsstRecords {
  const alert = alertOf(given);
  const { diaSource, diaObject, ssSource, mpc_orbits, hasStamp } = alert;
  const ssObjectId = identifier("diaSource.ssObjectId", diaSource.ssObjectId);
  return {
    detections: [
      measurementOf(
        diaSource,
        "diaSourceId",
        "diaSource",
        ownRank(hasStamp),
      ),
      ...alert.prvDiaSources.map((record, index) =>
        measurementOf(record, "diaSourceId", `prvDiaSources[${index}]`, COPY)
      ),
    ],
    forced: alert.prvDiaForcedSources.map((record, index) =>
      measurementOf(
        record,
        "diaForcedSourceId",
        `prvDiaForcedSources[${index}]`,
        COPY,
      )
    ),
    diaObject: diaObject === null ||
        identifier("diaObject.diaObjectId", diaObject.diaObjectId) === 0n
      ? null
      : diaObject,
    ssSource,
    orbit: mpc_orbits === null || ssObjectId === 0n
      ? null
      : { ssObjectId, record: mpc_orbits },
  };
}

function measurementOf(
  record: Packet,
  id: "diaSourceId" | "diaForcedSourceId",
  position: string,
  own: number,
): Measurement {
  const { timeProcessedMjdTai: processed } = record;
  return {
    ...namesOf(
      lsstObject(record, position),
      measurementId(record, id, position),
    ),
    mjd: finiteNumber(record, "midpointMjdTai", position),
    ra: finiteNumber(record, "ra", position),
    dec: finiteNumber(record, "dec", position),
    band: BANDS.get(record.band) ?? null,
    rank: [own, typeof processed === "number" ? processed : -Infinity],
    record,
    parent_candid: null,
    ...lsstErrors(record),
  };
}

function measurementId(
  record: Packet,
  name: string,
  position: string,
): bigint {
  const id = identifier(`${position}.${name}`, record[name]);
  if (id !== 0n) return id;
  throw fieldError(`${position}.${name}`, record[name], "is required");
}

/** The uncertainty of a position whose packet has none, as ALeRCE takes it. */
const DEFAULT_ERROR = 0.01;

/** Returns the uncertainties of the position of a source, or of a row of `lsst_detection`. */
export function lsstErrors(
  { raErr, decErr }: { readonly raErr?: unknown; readonly decErr?: unknown },
): Pick<Measurement, "raErr" | "decErr"> {
  return { raErr: errorOf(raErr), decErr: errorOf(decErr) };
}

/** Returns an uncertainty as its column stores it, so that a source and its row give equal bits. */
function errorOf(value: unknown): number {
  const error = typeof value === "number" ? Math.fround(value) : 0;
  return error > 0 && Number.isFinite(error) ? error : DEFAULT_ERROR;
}
