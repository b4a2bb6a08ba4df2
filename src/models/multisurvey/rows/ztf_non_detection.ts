// Written by `deno task row-types` from ../ztf_non_detection.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_non_detection`: one visit in which ZTF did not see an object. */
export interface ZtfNonDetectionRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Band, as in the table band. */
  band: number;
  /** Start of the exposure, modified Julian date, UTC (d). */
  mjd: number;
  /** Expected 5-sigma limit of the difference image (mag). */
  diffmaglim: number;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_non_detection`. */
export type ZtfNonDetectionInsert = Insertable<ZtfNonDetectionRow>;
