import type { Transaction } from "../connection/transaction.ts";
import type { InsertOf } from "../model/types.ts";
import { AstroObject } from "../models/multisurvey/mod.ts";
import { type WeightedPosition, weightedPosition } from "./mean_position.ts";
import type { Measurement } from "./measurement.ts";
import { type ObjectKey, SID } from "./object_key.ts";

/** A stored detection of an object. */
export interface Point extends WeightedPosition {
  readonly measurement_id: bigint;
  readonly mjd: number;
}

/** What is stored of an object after a batch. */
export interface ObjectContents {
  readonly key: ObjectKey;
  /** The detections, each once. */
  readonly detections: Point[];
  forced: number;
  nonDetections: number;
}

/** A value of `deltamjd` that no object has after a transaction. */
const LOCKED = -1;

/** Returns a measurement of each object, by text of the object. */
export function objectsOf(
  measurements: Iterable<Measurement>,
): Map<string, Measurement> {
  const objects = new Map<string, Measurement>();
  for (const measurement of measurements) {
    const { objectText } = measurement;
    if (!objects.has(objectText)) objects.set(objectText, measurement);
  }
  return objects;
}

/**
 * Creates the objects that are missing, and changes the others. The rows serialise the writers of an object until the end of the
 * transaction, so that its counts and its position are correct.
 */
export async function lockObjects(
  tx: Transaction,
  objects: ReadonlyMap<string, Measurement>,
): Promise<void> {
  const rows = [...objects.values()].map((
    { object, mjd, ra, dec },
  ): InsertOf<typeof AstroObject> => ({
    ...object,
    meanra: ra,
    meandec: dec,
    firstmjd: mjd,
    lastmjd: mjd,
    deltamjd: LOCKED,
    n_det: 0,
    n_forced: 0,
    n_non_det: 0,
  }));
  await tx.query(AstroObject).bulkUpsert(rows, { update: ["deltamjd"] });
}

/** Writes the counts, the dates and the positions of objects. */
export async function deriveObjects(
  tx: Transaction,
  objects: Iterable<ObjectContents>,
): Promise<void> {
  await tx.query(AstroObject).bulkUpsert([...objects].map(derivedRow));
}

/** Returns the row of an object. Its detections are added in one order, so that equal detections give equal bits. */
function derivedRow(
  { key, detections, forced, nonDetections }: ObjectContents,
): InsertOf<typeof AstroObject> {
  const points = detections.toSorted((one, other) =>
    one.mjd - other.mjd ||
    (one.measurement_id < other.measurement_id ? -1 : 1)
  );
  const last = points.at(-1);
  // A moving object is where it was seen last.
  const { ra = NaN, dec = NaN } =
    (key.sid === SID.solarSystem ? last : weightedPosition(points)) ?? {};
  const [firstmjd, lastmjd] = [points[0]?.mjd ?? NaN, last?.mjd ?? NaN];
  return {
    ...key,
    meanra: ra,
    meandec: dec,
    firstmjd,
    lastmjd,
    deltamjd: lastmjd - firstmjd,
    n_det: points.length,
    n_forced: forced,
    n_non_det: nonDetections,
  };
}
