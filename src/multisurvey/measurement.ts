import type { Packet } from "../alerts/packet.ts";
import { type ObjectKey, objectText } from "./object_key.ts";

/**
 * Decides which of several copies of a measurement is stored: the greater one,
 * compared part by part. The first part is greatest for an alert's own
 * measurement, the second one orders copies in other alerts.
 */
export type Rank = readonly [own: number, version: number | bigint];

/** One measurement in an alert: a detection, or forced photometry. */
export interface Measurement {
  /** Equal for copies of the same measurement: {@link measurementText}. */
  readonly text: string;
  readonly object: ObjectKey;
  /** The text of the object. */
  readonly objectText: string;
  readonly measurement_id: bigint;
  readonly mjd: number;
  readonly ra: number;
  readonly dec: number;
  readonly band: number | null;
  readonly rank: Rank;
  /** The uncertainties of the position along both axes, in a unit that the survey shares. */
  readonly raErr: number;
  readonly decErr: number;
  /** Its record in the packet. */
  readonly record: Packet;
  /** The alert that carries a copy of it; null in its own alert, and in alerts of LSST. */
  readonly parent_candid: bigint | null;
}

/** The first part of the rank of a copy in another alert. */
export const COPY = 0;
/** That of an alert's own measurement without images. */
const OWN = 1;
/** That of an alert's own measurement with images. */
const WITH_STAMP = 2;

/** Returns the first part of the rank of an alert's own measurement. */
export function ownRank(hasStamp: boolean): number {
  return hasStamp ? WITH_STAMP : OWN;
}

/** Whether a measurement has images. */
export function hasStamp({ rank: [own] }: Pick<Measurement, "rank">): boolean {
  return own === WITH_STAMP;
}

/** Whether a rank is greater than another one; any rank is greater than none. */
export function outranks(
  [own, version]: Rank,
  other: Rank | undefined,
): boolean {
  if (other === undefined) return true;
  return own === other[0] ? version > other[1] : own > other[0];
}

/** Returns a text that is equal for equal measurements. */
export function measurementText(
  { measurement_id, ...object }: Omit<ObjectKey, "tid"> & {
    readonly measurement_id: bigint;
  },
): string {
  return textIn(objectText(object), measurement_id);
}

/** Returns what names a measurement of an object. */
export function namesOf(
  object: ObjectKey,
  measurement_id: bigint,
): Pick<Measurement, "text" | "object" | "objectText" | "measurement_id"> {
  const ofObject = objectText(object);
  return {
    text: textIn(ofObject, measurement_id),
    object,
    objectText: ofObject,
    measurement_id,
  };
}

function textIn(ofObject: string, measurement_id: bigint): string {
  return `${ofObject}:${measurement_id}`;
}

/** Returns the copy of each measurement with the greatest rank, by its text. */
export function bestCopies(
  measurements: Iterable<Measurement>,
): Map<string, Measurement> {
  const best = new Map<string, Measurement>();
  for (const measurement of measurements) {
    const { text } = measurement;
    if (outranks(measurement.rank, best.get(text)?.rank)) {
      best.set(text, measurement);
    }
  }
  return best;
}
