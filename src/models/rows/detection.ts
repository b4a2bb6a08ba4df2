// Written by `deno task row-types` from ../detection.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `detection`: one measurement of an object. */
export interface DetectionRow {
  /** Alert's candidate identifier. */
  candid: bigint;
  /** Object identifier. */
  oid: string;
  /** Start of the exposure, modified Julian date (d). */
  mjd: number;
  /** Filter: 1 g, 2 r, 3 i. */
  fid: number;
  /** Processing identifier of the image. */
  pid: number;
  /** Expected 5-sigma limit of the difference image (mag). */
  diffmaglim: number | null;
  /** 1 where the source is brighter than the reference, -1 where it is fainter. */
  isdiffpos: number;
  /** Night identifier. */
  nid: number | null;
  /** Right ascension, J2000 (deg). */
  ra: number;
  /** Declination, J2000 (deg). */
  dec: number;
  /** Magnitude from PSF-fit photometry (mag). */
  magpsf: number;
  /** Uncertainty of magpsf (mag). */
  sigmapsf: number;
  /** Magnitude in an aperture 14 pixels across (mag). */
  magap: number | null;
  /** Uncertainty of magap (mag). */
  sigmagap: number | null;
  /** Distance to the nearest source of the reference image (pixel). */
  distnr: number | null;
  /** Real-bogus score, 0 to 1. */
  rb: number | null;
  /** Version of the real-bogus model. */
  rbversion: string | null;
  /** Real-bogus score of the deep-learning model, 0 to 1. */
  drb: number | null;
  /** Version of the deep-learning model. */
  drbversion: string | null;
  /** Magnitude in an aperture 18 pixels across (mag). */
  magapbig: number | null;
  /** Uncertainty of magapbig (mag). */
  sigmagapbig: number | null;
  /** Processing identifier of the reference image. */
  rfid: number | null;
  /** Magnitude corrected for the reference source (mag). */
  magpsf_corr: number | null;
  /** Uncertainty of magpsf_corr (mag). */
  sigmapsf_corr: number | null;
  /** Uncertainty of magpsf_corr for an extended source (mag). */
  sigmapsf_corr_ext: number | null;
  /** Whether the magnitude could be corrected. */
  corrected: boolean;
  /** Whether the correction is dubious. */
  dubious: boolean;
  /** Alert that told of this detection, where it is not its own. */
  parent_candid: bigint | null;
  /** Whether it came as an alert of its own, with images. */
  has_stamp: boolean;
  /** Version of the correction step. */
  step_id_corr: string;
}

/** The input of a write to `detection`. */
export type DetectionInsert = Insertable<DetectionRow>;
