// Written by `deno task row-types` from ../non_detection.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `non_detection`: an exposure without a detection of the object. */
export interface NonDetectionRow {
  /** Object identifier. */
  oid: string;
  /** Filter: 1 g, 2 r, 3 i. */
  fid: number;
  /** Start of the exposure, modified Julian date (d). */
  mjd: number;
  /** Expected 5-sigma limit of the difference image (mag). */
  diffmaglim: number | null;
}

/** The input of a write to `non_detection`. */
export type NonDetectionInsert = Insertable<NonDetectionRow>;
