// Written by `deno task row-types` from ../feature_name_lut.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `feature_name_lut`: the name of one feature. */
export interface FeatureNameLutRow {
  /** Feature. */
  feature_id: number;
  /** Name of the feature. */
  feature_name: string;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Telescope: 0 ZTF, 1 LSST. */
  tid: number;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `feature_name_lut`. */
export type FeatureNameLutInsert = Insertable<FeatureNameLutRow>;
