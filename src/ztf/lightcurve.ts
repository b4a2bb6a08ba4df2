import type { AnyModel } from "../model/types.ts";
import type { DetectionRow, NonDetectionRow } from "../models/mod.ts";
import { Detection, NonDetection } from "../models/mod.ts";
import type { Query } from "../query/query.ts";

/** When an object was seen and when it was not. */
export interface LightCurve {
  /** Its detections, by mjd. */
  readonly detections: DetectionRow[];
  /** The visits in which it was not seen, by mjd. */
  readonly non_detections: NonDetectionRow[];
}

/** A connection or a transaction. */
export interface Queries {
  /** Queries on a model. */
  query<M extends AnyModel>(model: M): Query<M>;
}

/**
 * The light curve of an object: detections and non-detections, each by mjd.
 *
 * @param db a connection, or a transaction on it
 * @param oid the object, as in ZTF18aaxlzgi; one that is not there has none of either
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
