// Written by `deno task row-types` from ../magstat.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `magstat`: statistics of an object's magnitudes in one band. */
export interface MagstatRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Band, as in the table band. */
  band: number;
  /** Whether the nearest reference source is a star. */
  stellar: boolean | null;
  /** Whether the magnitudes could be corrected. */
  corrected: boolean | null;
  /** Detections whose correction is dubious. */
  ndubious: number | null;
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
  /** Version of the correction step. */
  step_id_corr: string | null;
  /** Detections in the band. */
  n_det: number | null;
  /** First detection in the band, modified Julian date (d). */
  firstmjd: number | null;
  /** Last detection in the band, modified Julian date (d). */
  lastmjd: number | null;
  /** Share of the corrected detections that are saturated, 0 to 1. */
  saturation_rate: number | null;
  /** Day of the last update, UTC. */
  updated_date: Date | null;
}

/** The input of a write to `magstat`. */
export type MagstatInsert = Insertable<MagstatRow>;
