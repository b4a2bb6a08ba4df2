// Written by `deno task row-types` from ../magstat.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `magstat`: statistics of an object's magnitudes in one filter. */
export interface MagStatsRow {
  /** Object identifier. */
  oid: string;
  /** Filter: 1 g, 2 r, 3 i. */
  fid: number;
  /** Whether the nearest reference source is a star. */
  stellar: boolean;
  /** Whether the magnitudes could be corrected. */
  corrected: boolean;
  /** Detections in the filter. */
  ndet: number;
  /** Detections whose correction is dubious. */
  ndubious: number;
  /** Slope between the last non-detection and the first detection (mag/d). */
  dmdt_first: number | null;
  /** Magnitude step of that slope (mag). */
  dm_first: number | null;
  /** Uncertainty of that step (mag). */
  sigmadm_first: number | null;
  /** Time of that step (d). */
  dt_first: number | null;
  /** Mean magnitude (mag). */
  magmean: number | null;
  /** Median magnitude (mag). */
  magmedian: number | null;
  /** Faintest magnitude (mag). */
  magmax: number | null;
  /** Brightest magnitude (mag). */
  magmin: number | null;
  /** Scatter of the magnitudes (mag). */
  magsigma: number | null;
  /** Last magnitude (mag). */
  maglast: number | null;
  /** First magnitude (mag). */
  magfirst: number | null;
  /** Mean corrected magnitude (mag). */
  magmean_corr: number | null;
  /** Median corrected magnitude (mag). */
  magmedian_corr: number | null;
  /** Faintest corrected magnitude (mag). */
  magmax_corr: number | null;
  /** Brightest corrected magnitude (mag). */
  magmin_corr: number | null;
  /** Scatter of the corrected magnitudes (mag). */
  magsigma_corr: number | null;
  /** Last corrected magnitude (mag). */
  maglast_corr: number | null;
  /** First corrected magnitude (mag). */
  magfirst_corr: number | null;
  /** First detection in the filter, modified Julian date (d). */
  firstmjd: number | null;
  /** Last detection in the filter, modified Julian date (d). */
  lastmjd: number | null;
  /** Version of the correction step. */
  step_id_corr: string;
  /** Share of the detections that are saturated, 0 to 1. */
  saturation_rate: number | null;
}

/** The input of a write to `magstat`. */
export type MagStatsInsert = Insertable<MagStatsRow>;
