import type { Insertable } from "../../model/types.ts";

/** A row of `non_detection`: a visit in which an object was not seen. */
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

/** What a write to `non_detection` takes. */
export type NonDetectionInsert = Insertable<NonDetectionRow>;
