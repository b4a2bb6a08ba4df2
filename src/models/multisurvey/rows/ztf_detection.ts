// Written by `deno task row-types` from ../ztf_detection.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_detection`: what ZTF measured in one detection. */
export interface ZtfDetectionRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Identifier of the measurement: candid. */
  measurement_id: bigint;
  /** Processing identifier of the image. */
  pid: bigint | null;
  /** Expected 5-sigma limit of the difference image (mag). */
  diffmaglim: number | null;
  /** 1 if the source is brighter than the reference, -1 if it is fainter. */
  isdiffpos: number | null;
  /** Night identifier. */
  nid: number | null;
  /** Magnitude from PSF-fit photometry (mag). */
  magpsf: number | null;
  /** Uncertainty of magpsf (mag). */
  sigmapsf: number | null;
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
  rfid: bigint | null;
  /** Magnitude corrected for the reference source (mag). */
  magpsf_corr: number | null;
  /** Uncertainty of magpsf_corr (mag). */
  sigmapsf_corr: number | null;
  /** Uncertainty of magpsf_corr for an extended source (mag). */
  sigmapsf_corr_ext: number | null;
  /** Whether the magnitude could be corrected for the reference source. */
  corrected: boolean | null;
  /** Whether the correction is dubious. */
  dubious: boolean | null;
  /** Alert that carried this measurement, if it was not its own. */
  parent_candid: bigint | null;
  /** Whether its alert contains all three images. */
  has_stamp: boolean | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_detection`. */
export type ZtfDetectionInsert = Insertable<ZtfDetectionRow>;
