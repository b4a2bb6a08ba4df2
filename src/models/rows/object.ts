// Written by `deno task row-types` from ../object.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `object`: an astronomical object. */
export interface AstroObjectRow {
  /** Object identifier, as in ZTF18aaxlzgi. */
  oid: string;
  /** Spatially coincident detections since the survey began, within 1.5 arcsec. */
  ndethist: number | null;
  /** Visits that covered the position since the survey began. */
  ncovhist: number | null;
  /** First of those detections, modified Julian date (d). */
  mjdstarthist: number | null;
  /** Last of those detections, modified Julian date (d). */
  mjdendhist: number | null;
  /** Whether the magnitudes could be corrected for the reference source. */
  corrected: boolean | null;
  /** Whether the nearest reference source is a star. */
  stellar: boolean | null;
  /** Detections stored. */
  ndet: number | null;
  /** Colour g - r at maximum, difference magnitudes (mag). */
  g_r_max: number | null;
  /** Colour g - r at maximum, corrected magnitudes (mag). */
  g_r_max_corr: number | null;
  /** Colour g - r of the means, difference magnitudes (mag). */
  g_r_mean: number | null;
  /** Colour g - r of the means, corrected magnitudes (mag). */
  g_r_mean_corr: number | null;
  /** Mean right ascension of the detections, J2000 (deg). */
  meanra: number | null;
  /** Mean declination of the detections, J2000 (deg). */
  meandec: number | null;
  /** Scatter in right ascension (deg). */
  sigmara: number | null;
  /** Scatter in declination (deg). */
  sigmadec: number | null;
  /** Time from the first to the last detection (d). */
  deltajd: number | null;
  /** First detection, modified Julian date (d). */
  firstmjd: number | null;
  /** Last detection, modified Julian date (d). */
  lastmjd: number | null;
  /** Version of the correction step. */
  step_id_corr: string | null;
  /** Whether a detection brighter than the reference exists. */
  diffpos: boolean | null;
  /** Whether the reference image changed. */
  reference_change: boolean | null;
}

/** The input of a write to `object`. */
export type AstroObjectInsert = Insertable<AstroObjectRow>;
