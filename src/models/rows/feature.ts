// Written by `deno task row-types` from ../feature.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `feature`: one feature of an object. */
export interface FeatureRow {
  /** Object identifier. */
  oid: string;
  /** Name of the feature. */
  name: string;
  /** Value, in the feature's own unit. */
  value: number | null;
  /** Filter: 1 g, 2 r, 3 i, 12 g and r, 0 none. */
  fid: number;
  /** Version of the features. */
  version: string;
}

/** The input of a write to `feature`. */
export type FeatureInsert = Insertable<FeatureRow>;
