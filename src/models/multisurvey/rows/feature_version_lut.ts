// Written by `deno task row-types` from ../feature_version_lut.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `feature_version_lut`: the name of one version of the features. */
export interface FeatureVersionLutRow {
  /** Version of the features. */
  version_id: number;
  /** Name of the version. */
  version_name: string;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Telescope: 0 ZTF, 1 LSST. */
  tid: number;
}

/** The input of a write to `feature_version_lut`. */
export type FeatureVersionLutInsert = Insertable<FeatureVersionLutRow>;
