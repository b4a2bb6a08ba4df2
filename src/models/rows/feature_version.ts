// Written by `deno task row-types` from ../feature_version.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `feature_version`: a version of the features, and the steps that computed it. */
export interface FeatureVersionRow {
  /** Version of the features. */
  version: string;
  /** Step that made the features. */
  step_id_feature: string | null;
  /** Step that prepared its input. */
  step_id_preprocess: string | null;
}

/** The input of a write to `feature_version`. */
export type FeatureVersionInsert = Insertable<FeatureVersionRow>;
