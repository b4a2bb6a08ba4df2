import type { AnyModel } from "../model/types.ts";
import type { DetectionRow, NonDetectionRow } from "../models/mod.ts";
import { Detection, NonDetection } from "../models/mod.ts";
import type { Query } from "../query/query.ts";

/** The detections and non-detections of an object. */
export interface LightCurve {
  /** Detections, ordered by mjd. */
  readonly detections: DetectionRow[];
  /** Visits without a detection, ordered by mjd. */
  readonly non_detections: NonDetectionRow[];
}

/** A connection or a transaction. */
export interface Queries {
  /** Returns the queries on a model. */
  query<M extends AnyModel>(model: M): Query<M>;
}

/**
 * Returns the light curve of an object: detections and non-detections, ordered by mjd.
 *
 * @param db a connection, or a transaction on it
 * @param oid the object, as in ZTF18aaxlzgi; the lists of an unknown object are empty
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { lightcurve } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ SQL: { ENGINE: "pglite", DB_NAME: "memory://" } });
 * await db.createDb();
 * assert.deepEqual(await lightcurve(db, "ZTF18aaxlzgi"), {
 *   detections: [],
 *   non_detections: [],
 * });
 * ```
 */
export async function lightcurve(
  db: Queries,
  oid: string,
): Promise<LightCurve> {
  const options = { filterBy: { oid }, orderBy: { mjd: "asc" } } as const;
  const [detections, non_detections] = await Promise.all([
    db.query(Detection).findAll(options),
    db.query(NonDetection).findAll(options),
  ]);
  return { detections, non_detections };
}
