import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import {
  bool,
  float32,
  float64,
  int16,
  int32,
  int64,
} from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  LsstDetectionInsert,
  LsstDetectionRow,
} from "./rows/lsst_detection.ts";

/** `lsst_detection`: what LSST measured in one detection. */
export const LsstDetection: Model<
  LsstDetectionRow,
  LsstDetectionInsert,
  "lsst_detection",
  object,
  "oid" | "measurement_id"
> = deferredModel("lsst_detection", () => ({
  fields: z.object({
    oid: int64("Object identifier: diaObjectId, or ssObjectId if sid is 2"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    measurement_id: int64("Identifier of the source: diaSourceId"),
    parentDiaSourceId: int64(
      "Source from which this one was deblended; 0 if none",
    ).nullable(),
    visit: int64("Visit in which it was measured"),
    detector: int32("Detector on which it was measured"),
    diaObjectId: int64("DIA object of the source; 0 if none").nullable(),
    ssObjectId: int64("Solar system object of the source; 0 if none")
      .nullable(),
    raErr: float32("Uncertainty of ra", "deg").nullable(),
    decErr: float32("Uncertainty of dec", "deg").nullable(),
    ra_dec_Cov: float32("Covariance of ra and dec", "deg2").nullable(),
    x: float32("Position on the image, x", "pixel"),
    xErr: float32("Uncertainty of x", "pixel").nullable(),
    y: float32("Position on the image, y", "pixel"),
    yErr: float32("Uncertainty of y", "pixel").nullable(),
    centroid_flag: bool("Whether the centroid could not be measured")
      .nullable(),
    apFlux: float32(
      "Flux in an aperture with a radius of 12 pixels on the difference image",
      "nJy",
    ).nullable(),
    apFluxErr: float32("Uncertainty of apFlux", "nJy").nullable(),
    apFlux_flag: bool("Whether apFlux could not be measured").nullable(),
    apFlux_flag_apertureTruncated: bool("Whether the aperture leaves the image")
      .nullable(),
    isNegative: bool("Whether the source is negative on the difference image")
      .nullable(),
    snr: float32("Signal to noise of the detection").nullable(),
    psfFlux: float32("Flux of a point source on the difference image", "nJy")
      .nullable(),
    psfFluxErr: float32("Uncertainty of psfFlux", "nJy").nullable(),
    psfLnL: float32(
      "Natural logarithm of the likelihood of the point source fit",
    ).nullable(),
    psfChi2: float32("Chi-square of the point source fit").nullable(),
    psfNdata: int32("Pixels of the point source fit").nullable(),
    psfFlux_flag: bool("Whether psfFlux could not be measured").nullable(),
    psfFlux_flag_edge: bool(
      "Whether the source is too close to the edge for the whole PSF",
    ).nullable(),
    psfFlux_flag_noGoodPixels: bool(
      "Whether too few good pixels exist for the fit",
    ).nullable(),
    trailFlux: float32(
      "Flux of a trailed source on the difference image",
      "nJy",
    ).nullable(),
    trailFluxErr: float32("Uncertainty of trailFlux", "nJy").nullable(),
    trailRa: float64("Right ascension of the center of the trail", "deg")
      .nullable(),
    trailRaErr: float32("Uncertainty of trailRa", "deg").nullable(),
    trailDec: float64("Declination of the center of the trail", "deg")
      .nullable(),
    trailDecErr: float32("Uncertainty of trailDec", "deg").nullable(),
    trailLength: float32("Length of the trail", "arcsec").nullable(),
    trailLengthErr: float32("Uncertainty of trailLength").nullable(),
    trailAngle: float32("Angle between the meridian and the trail", "deg")
      .nullable(),
    trailAngleErr: float32("Uncertainty of trailAngle").nullable(),
    trailChi2: float32("Chi-square of the trail fit").nullable(),
    trailNdata: int32("Pixels of the trail fit").nullable(),
    trail_flag_edge: bool("Whether the trail reaches the edge of the image")
      .nullable(),
    dipoleMeanFlux: float32(
      "Mean absolute flux of the lobes of a dipole",
      "nJy",
    ).nullable(),
    dipoleMeanFluxErr: float32("Uncertainty of dipoleMeanFlux", "nJy")
      .nullable(),
    dipoleFluxDiff: float32(
      "Difference of the absolute fluxes of the lobes",
      "nJy",
    ).nullable(),
    dipoleFluxDiffErr: float32("Uncertainty of dipoleFluxDiff", "nJy")
      .nullable(),
    dipoleLength: float32("Distance of the lobes", "arcsec").nullable(),
    dipoleAngle: float32(
      "Angle between the meridian and the dipole, from the negative lobe to the positive one",
      "deg",
    ).nullable(),
    dipoleChi2: float32("Chi-square of the dipole fit").nullable(),
    dipoleNdata: int32("Pixels of the dipole fit").nullable(),
    scienceFlux: float32("Flux of a point source on the visit image", "nJy")
      .nullable(),
    scienceFluxErr: float32("Uncertainty of scienceFlux", "nJy").nullable(),
    forced_PsfFlux_flag: bool("Whether scienceFlux could not be measured")
      .nullable(),
    forced_PsfFlux_flag_edge: bool(
      "Whether the position is too close to the edge of the visit image for the whole PSF",
    ).nullable(),
    forced_PsfFlux_flag_noGoodPixels: bool(
      "Whether the visit image has too few good pixels for the fit",
    ).nullable(),
    templateFlux: float32("Flux of a point source on the template", "nJy")
      .nullable(),
    templateFluxErr: float32("Uncertainty of templateFlux", "nJy").nullable(),
    ixx: float32("Second moment of the source, xx", "nJy arcsec2").nullable(),
    iyy: float32("Second moment of the source, yy", "nJy arcsec2").nullable(),
    ixy: float32("Second moment of the source, xy", "nJy arcsec2").nullable(),
    ixxPSF: float32("Second moment of the PSF, xx", "nJy arcsec2").nullable(),
    iyyPSF: float32("Second moment of the PSF, yy", "nJy arcsec2").nullable(),
    ixyPSF: float32("Second moment of the PSF, xy", "nJy arcsec2").nullable(),
    shape_flag: bool("Whether the shape could not be measured").nullable(),
    shape_flag_no_pixels: bool("Whether the shape has no pixels").nullable(),
    shape_flag_not_contained: bool(
      "Whether the center is outside of the footprint",
    ).nullable(),
    shape_flag_parent_source: bool(
      "Whether the source was deblended into others",
    ).nullable(),
    extendedness: float32("0 for a point source, 1 for an extended one")
      .nullable(),
    reliability: float32("Probability that the source is astrophysical, 0 to 1")
      .nullable(),
    isDipole: bool("Whether a dipole fits well").nullable(),
    dipoleFitAttempted: bool("Whether a dipole was fitted").nullable(),
    timeProcessedMjdTai: float64(
      "Time at which the image was processed, modified Julian date, TAI",
      "d",
    ),
    timeWithdrawnMjdTai: float64(
      "Time at which the record was marked as invalid, modified Julian date, TAI",
      "d",
    ).nullable(),
    bboxSize: int32("Side of the square that contains the footprint", "pixel")
      .nullable(),
    pixelFlags: bool("Whether the other pixel flags may be wrong").nullable(),
    pixelFlags_bad: bool("Whether the footprint has bad pixels").nullable(),
    pixelFlags_cr: bool("Whether the footprint has a cosmic ray").nullable(),
    pixelFlags_crCenter: bool("Whether a cosmic ray is in the 3 by 3 center")
      .nullable(),
    pixelFlags_edge: bool(
      "Whether a part of the footprint is outside of the usable image",
    ).nullable(),
    pixelFlags_nodata: bool("Whether the footprint has pixels without data")
      .nullable(),
    pixelFlags_nodataCenter: bool(
      "Whether pixels without data are in the 3 by 3 center",
    ).nullable(),
    pixelFlags_interpolated: bool(
      "Whether the footprint has interpolated pixels",
    ).nullable(),
    pixelFlags_interpolatedCenter: bool(
      "Whether interpolated pixels are in the 3 by 3 center",
    ).nullable(),
    pixelFlags_offimage: bool("Whether the center is outside of the image")
      .nullable(),
    pixelFlags_saturated: bool("Whether the footprint has saturated pixels")
      .nullable(),
    pixelFlags_saturatedCenter: bool(
      "Whether saturated pixels are in the 3 by 3 center",
    ).nullable(),
    pixelFlags_suspect: bool("Whether the footprint has suspect pixels")
      .nullable(),
    pixelFlags_suspectCenter: bool(
      "Whether suspect pixels are in the 3 by 3 center",
    ).nullable(),
    pixelFlags_streak: bool("Whether the footprint has a streak").nullable(),
    pixelFlags_streakCenter: bool("Whether a streak is in the 3 by 3 center")
      .nullable(),
    pixelFlags_injected: bool("Whether the footprint has an injected source")
      .nullable(),
    pixelFlags_injectedCenter: bool(
      "Whether an injected source is in the 3 by 3 center",
    ).nullable(),
    pixelFlags_injected_template: bool(
      "Whether the footprint has a source injected into the template",
    ).nullable(),
    pixelFlags_injected_templateCenter: bool(
      "Whether a source injected into the template is in the 3 by 3 center",
    ).nullable(),
    glint_trail: bool("Whether the source is a part of a trail of glints")
      .nullable(),
    has_stamp: bool("Whether its alert contains all three images").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id"],
  primaryKeyName: "pk_lsstdetection_oid_measurementid",
  indexes: [
    { name: "ix_lsstdetection_oid", fields: ["oid"], using: "hash" },
  ],
}));
