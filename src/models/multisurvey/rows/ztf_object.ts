// Written by `deno task row-types` from ../ztf_object.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_object`: what only ZTF knows about an object. */
export interface ZtfObjectRow {
  /** Object identifier: the packed objectId. */
  oid: bigint;
  /** Colour g - r at maximum, difference magnitudes (mag). */
  g_r_max: number | null;
  /** Colour g - r at maximum, corrected magnitudes (mag). */
  g_r_max_corr: number | null;
  /** Colour g - r of the means, difference magnitudes (mag). */
  g_r_mean: number | null;
  /** Colour g - r of the means, corrected magnitudes (mag). */
  g_r_mean_corr: number | null;
  /** Whether the magnitudes could be corrected for the reference source. */
  corrected: boolean;
  /** Whether the nearest reference source is a star. */
  stellar: boolean | null;
  /** Whether the reference image changed. */
  reference_change: boolean | null;
  /** Whether the first detection is brighter than the reference. */
  diffpos: boolean | null;
  /** Spatially coincident detections since the survey began, within 1.5 arcsec. */
  ndethist: number | null;
  /** Visits that covered the position since the survey began. */
  ncovhist: number | null;
  /** First of those detections, modified Julian date (d). */
  mjdstarthist: number | null;
  /** Last of those detections, modified Julian date (d). */
  mjdendhist: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_object`. */
export type ZtfObjectInsert = Insertable<
  & Omit<ZtfObjectRow, "corrected">
  & Partial<
    Pick<ZtfObjectRow, "corrected">
  >
>;
