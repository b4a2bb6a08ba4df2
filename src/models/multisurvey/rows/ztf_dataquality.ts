// Written by `deno task row-types` from ../ztf_dataquality.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_dataquality`: the quality of one ZTF detection's image. */
export interface ZtfDataqualityRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Identifier of the measurement. */
  measurement_id: bigint;
  /** Position on the image, x (pixel). */
  xpos: number | null;
  /** Position on the image, y (pixel). */
  ypos: number | null;
  /** Reduced chi-square of the PSF fit. */
  chipsf: number | null;
  /** Local sky background (DN). */
  sky: number | null;
  /** Full width at half maximum of a Gaussian core (pixel). */
  fwhm: number | null;
  /** Star-galaxy score of SExtractor, 0 to 1. */
  classtar: number | null;
  /** Distance to the nearest edge of the image (pixel). */
  mindtoedge: number | null;
  /** Width of the difference image over width of the science image. */
  seeratio: number | null;
  /** RMS along the major axis of the profile (pixel). */
  aimage: number | null;
  /** RMS along the minor axis of the profile (pixel). */
  bimage: number | null;
  /** aimage over fwhm. */
  aimagerat: number | null;
  /** bimage over fwhm. */
  bimagerat: number | null;
  /** Negative pixels in a 5 by 5 stamp. */
  nneg: number | null;
  /** Bad pixels in a 5 by 5 stamp. */
  nbad: number | null;
  /** Sum of the pixels over sum of their absolute values. */
  sumrat: number | null;
  /** Signal to noise of the peak pixel. */
  scorr: number | null;
  /** Deviation of the difference image at the position, in standard deviations. */
  dsnrms: number | null;
  /** Deviation of the score image at the position, in standard deviations. */
  ssnrms: number | null;
  /** Zero point of the photometry (mag). */
  magzpsci: number | null;
  /** Uncertainty of magzpsci (mag). */
  magzpsciunc: number | null;
  /** RMS of the instrumental magnitudes against Pan-STARRS1 (mag). */
  magzpscirms: number | null;
  /** Pan-STARRS1 calibrators used. */
  nmatches: number | null;
  /** Colour coefficient of the calibration. */
  clrcoeff: number | null;
  /** Uncertainty of clrcoeff. */
  clrcounc: number | null;
  /** Covariance of magzpsci and clrcoeff. */
  zpclrcov: number | null;
  /** Median zero point of the calibrators (mag). */
  zpmed: number | null;
  /** Median colour of the calibrators (mag). */
  clrmed: number | null;
  /** RMS colour of the calibrators (mag). */
  clrrms: number | null;
  /** Exposure time (s). */
  exptime: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_dataquality`. */
export type ZtfDataqualityInsert = Insertable<ZtfDataqualityRow>;
