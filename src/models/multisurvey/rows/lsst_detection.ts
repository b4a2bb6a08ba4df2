// Written by `deno task row-types` from ../lsst_detection.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `lsst_detection`: what LSST measured in one detection. */
export interface LsstDetectionRow {
  /** Object identifier: diaObjectId, or ssObjectId if sid is 2. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Identifier of the source: diaSourceId. */
  measurement_id: bigint;
  /** Source from which this one was deblended; 0 if none. */
  parentDiaSourceId: bigint | null;
  /** Visit in which it was measured. */
  visit: bigint;
  /** Detector on which it was measured. */
  detector: number;
  /** DIA object of the source; 0 if none. */
  diaObjectId: bigint | null;
  /** Solar system object of the source; 0 if none. */
  ssObjectId: bigint | null;
  /** Uncertainty of ra (deg). */
  raErr: number | null;
  /** Uncertainty of dec (deg). */
  decErr: number | null;
  /** Covariance of ra and dec (deg2). */
  ra_dec_Cov: number | null;
  /** Position on the image, x (pixel). */
  x: number;
  /** Uncertainty of x (pixel). */
  xErr: number | null;
  /** Position on the image, y (pixel). */
  y: number;
  /** Uncertainty of y (pixel). */
  yErr: number | null;
  /** Whether the centroid could not be measured. */
  centroid_flag: boolean | null;
  /** Flux in an aperture with a radius of 12 pixels on the difference image (nJy). */
  apFlux: number | null;
  /** Uncertainty of apFlux (nJy). */
  apFluxErr: number | null;
  /** Whether apFlux could not be measured. */
  apFlux_flag: boolean | null;
  /** Whether the aperture leaves the image. */
  apFlux_flag_apertureTruncated: boolean | null;
  /** Whether the source is negative on the difference image. */
  isNegative: boolean | null;
  /** Signal to noise of the detection. */
  snr: number | null;
  /** Flux of a point source on the difference image (nJy). */
  psfFlux: number | null;
  /** Uncertainty of psfFlux (nJy). */
  psfFluxErr: number | null;
  /** Natural logarithm of the likelihood of the point source fit. */
  psfLnL: number | null;
  /** Chi-square of the point source fit. */
  psfChi2: number | null;
  /** Pixels of the point source fit. */
  psfNdata: number | null;
  /** Whether psfFlux could not be measured. */
  psfFlux_flag: boolean | null;
  /** Whether the source is too close to the edge for the whole PSF. */
  psfFlux_flag_edge: boolean | null;
  /** Whether too few good pixels exist for the fit. */
  psfFlux_flag_noGoodPixels: boolean | null;
  /** Flux of a trailed source on the difference image (nJy). */
  trailFlux: number | null;
  /** Uncertainty of trailFlux (nJy). */
  trailFluxErr: number | null;
  /** Right ascension of the center of the trail (deg). */
  trailRa: number | null;
  /** Uncertainty of trailRa (deg). */
  trailRaErr: number | null;
  /** Declination of the center of the trail (deg). */
  trailDec: number | null;
  /** Uncertainty of trailDec (deg). */
  trailDecErr: number | null;
  /** Length of the trail (arcsec). */
  trailLength: number | null;
  /** Uncertainty of trailLength. */
  trailLengthErr: number | null;
  /** Angle between the meridian and the trail (deg). */
  trailAngle: number | null;
  /** Uncertainty of trailAngle. */
  trailAngleErr: number | null;
  /** Chi-square of the trail fit. */
  trailChi2: number | null;
  /** Pixels of the trail fit. */
  trailNdata: number | null;
  /** Whether the trail reaches the edge of the image. */
  trail_flag_edge: boolean | null;
  /** Mean absolute flux of the lobes of a dipole (nJy). */
  dipoleMeanFlux: number | null;
  /** Uncertainty of dipoleMeanFlux (nJy). */
  dipoleMeanFluxErr: number | null;
  /** Difference of the absolute fluxes of the lobes (nJy). */
  dipoleFluxDiff: number | null;
  /** Uncertainty of dipoleFluxDiff (nJy). */
  dipoleFluxDiffErr: number | null;
  /** Distance of the lobes (arcsec). */
  dipoleLength: number | null;
  /** Angle between the meridian and the dipole, from the negative lobe to the positive one (deg). */
  dipoleAngle: number | null;
  /** Chi-square of the dipole fit. */
  dipoleChi2: number | null;
  /** Pixels of the dipole fit. */
  dipoleNdata: number | null;
  /** Flux of a point source on the visit image (nJy). */
  scienceFlux: number | null;
  /** Uncertainty of scienceFlux (nJy). */
  scienceFluxErr: number | null;
  /** Whether scienceFlux could not be measured. */
  forced_PsfFlux_flag: boolean | null;
  /** Whether the position is too close to the edge of the visit image for the whole PSF. */
  forced_PsfFlux_flag_edge: boolean | null;
  /** Whether the visit image has too few good pixels for the fit. */
  forced_PsfFlux_flag_noGoodPixels: boolean | null;
  /** Flux of a point source on the template (nJy). */
  templateFlux: number | null;
  /** Uncertainty of templateFlux (nJy). */
  templateFluxErr: number | null;
  /** Second moment of the source, xx (nJy arcsec2). */
  ixx: number | null;
  /** Second moment of the source, yy (nJy arcsec2). */
  iyy: number | null;
  /** Second moment of the source, xy (nJy arcsec2). */
  ixy: number | null;
  /** Second moment of the PSF, xx (nJy arcsec2). */
  ixxPSF: number | null;
  /** Second moment of the PSF, yy (nJy arcsec2). */
  iyyPSF: number | null;
  /** Second moment of the PSF, xy (nJy arcsec2). */
  ixyPSF: number | null;
  /** Whether the shape could not be measured. */
  shape_flag: boolean | null;
  /** Whether the shape has no pixels. */
  shape_flag_no_pixels: boolean | null;
  /** Whether the center is outside of the footprint. */
  shape_flag_not_contained: boolean | null;
  /** Whether the source was deblended into others. */
  shape_flag_parent_source: boolean | null;
  /** 0 for a point source, 1 for an extended one. */
  extendedness: number | null;
  /** Probability that the source is astrophysical, 0 to 1. */
  reliability: number | null;
  /** Whether a dipole fits well. */
  isDipole: boolean | null;
  /** Whether a dipole was fitted. */
  dipoleFitAttempted: boolean | null;
  /** Time at which the image was processed, modified Julian date, TAI (d). */
  timeProcessedMjdTai: number;
  /** Time at which the record was marked as invalid, modified Julian date, TAI (d). */
  timeWithdrawnMjdTai: number | null;
  /** Side of the square that contains the footprint (pixel). */
  bboxSize: number | null;
  /** Whether the other pixel flags may be wrong. */
  pixelFlags: boolean | null;
  /** Whether the footprint has bad pixels. */
  pixelFlags_bad: boolean | null;
  /** Whether the footprint has a cosmic ray. */
  pixelFlags_cr: boolean | null;
  /** Whether a cosmic ray is in the 3 by 3 center. */
  pixelFlags_crCenter: boolean | null;
  /** Whether a part of the footprint is outside of the usable image. */
  pixelFlags_edge: boolean | null;
  /** Whether the footprint has pixels without data. */
  pixelFlags_nodata: boolean | null;
  /** Whether pixels without data are in the 3 by 3 center. */
  pixelFlags_nodataCenter: boolean | null;
  /** Whether the footprint has interpolated pixels. */
  pixelFlags_interpolated: boolean | null;
  /** Whether interpolated pixels are in the 3 by 3 center. */
  pixelFlags_interpolatedCenter: boolean | null;
  /** Whether the center is outside of the image. */
  pixelFlags_offimage: boolean | null;
  /** Whether the footprint has saturated pixels. */
  pixelFlags_saturated: boolean | null;
  /** Whether saturated pixels are in the 3 by 3 center. */
  pixelFlags_saturatedCenter: boolean | null;
  /** Whether the footprint has suspect pixels. */
  pixelFlags_suspect: boolean | null;
  /** Whether suspect pixels are in the 3 by 3 center. */
  pixelFlags_suspectCenter: boolean | null;
  /** Whether the footprint has a streak. */
  pixelFlags_streak: boolean | null;
  /** Whether a streak is in the 3 by 3 center. */
  pixelFlags_streakCenter: boolean | null;
  /** Whether the footprint has an injected source. */
  pixelFlags_injected: boolean | null;
  /** Whether an injected source is in the 3 by 3 center. */
  pixelFlags_injectedCenter: boolean | null;
  /** Whether the footprint has a source injected into the template. */
  pixelFlags_injected_template: boolean | null;
  /** Whether a source injected into the template is in the 3 by 3 center. */
  pixelFlags_injected_templateCenter: boolean | null;
  /** Whether the source is a part of a trail of glints. */
  glint_trail: boolean | null;
  /** Whether its alert contains all three images. */
  has_stamp: boolean | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `lsst_detection`. */
export type LsstDetectionInsert = Insertable<LsstDetectionRow>;
