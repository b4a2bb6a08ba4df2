// Written by `deno task row-types` from ../feature.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `feature`: one feature of an object. */
export interface FeatureRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Feature, as in the table feature_name_lut. */
  feature_id: number;
  /** Band of the feature. */
  band: number;
  /** Version of the features, as in the table feature_version_lut. */
  version: number;
  /** Value, in the feature's own unit. */
  value: number | null;
  /** Day of the last update, UTC. */
  updated_date: Date | null;
}

/** The input of a write to `feature`. */
export type FeatureInsert = Insertable<FeatureRow>;
