import { z } from "../base/zod.ts";
import { point } from "../model/derived.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { bool, float64, int32, varchar } from "../model/columns.ts";
import type { MagStatsRow } from "./rows/magstat.ts";
import type { NonDetectionRow } from "./rows/non_detection.ts";
import type { DetectionRow } from "./rows/detection.ts";
import type { FeatureRow } from "./rows/feature.ts";
import type { ProbabilityRow } from "./rows/probability.ts";
import type { AstroObjectInsert, AstroObjectRow } from "./rows/object.ts";

/** The properties that `include` adds to a row of `object`. */
export interface AstroObjectRelations {
  /** The rows of `magstat`, by fid. */
  magstats: MagStatsRow[];
  /** The rows of `non_detection`, by mjd. */
  non_detections: NonDetectionRow[];
  /** The rows of `detection`, by mjd. */
  detections: DetectionRow[];
  /** The rows of `feature`. */
  features: FeatureRow[];
  /** The rows of `probability`, by classifier_name. */
  probabilities: ProbabilityRow[];
}

/** `object`: an astronomical object. */
export const AstroObject: Model<
  AstroObjectRow,
  AstroObjectInsert,
  "object",
  AstroObjectRelations,
  "oid"
> = deferredModel("object", () => ({
  label: "AstroObject",
  fields: z.object({
    oid: varchar("Object identifier, as in ZTF18aaxlzgi"),
    ndethist: int32(
      "Spatially coincident detections since the survey began, within 1.5 arcsec",
    ).nullable(),
    ncovhist: int32("Visits that covered the position since the survey began")
      .nullable(),
    mjdstarthist: float64(
      "First of those detections, modified Julian date",
      "d",
    ).nullable(),
    mjdendhist: float64("Last of those detections, modified Julian date", "d")
      .nullable(),
    corrected: bool(
      "Whether the magnitudes could be corrected for the reference source",
    ).nullable(),
    stellar: bool("Whether the nearest reference source is a star").nullable(),
    ndet: int32("Detections stored").nullable(),
    g_r_max: float64("Colour g - r at maximum, difference magnitudes", "mag")
      .nullable(),
    g_r_max_corr: float64(
      "Colour g - r at maximum, corrected magnitudes",
      "mag",
    ).nullable(),
    g_r_mean: float64("Colour g - r of the means, difference magnitudes", "mag")
      .nullable(),
    g_r_mean_corr: float64(
      "Colour g - r of the means, corrected magnitudes",
      "mag",
    ).nullable(),
    meanra: float64("Mean right ascension of the detections, J2000", "deg")
      .nullable(),
    meandec: float64("Mean declination of the detections, J2000", "deg")
      .nullable(),
    sigmara: float64("Scatter in right ascension", "deg").nullable(),
    sigmadec: float64("Scatter in declination", "deg").nullable(),
    deltajd: float64("Time from the first to the last detection", "d")
      .nullable(),
    firstmjd: float64("First detection, modified Julian date", "d").nullable(),
    lastmjd: float64("Last detection, modified Julian date", "d").nullable(),
    step_id_corr: varchar("Version of the correction step").nullable(),
    diffpos: bool("Whether a detection brighter than the reference exists")
      .nullable(),
    reference_change: bool("Whether the reference image changed").nullable(),
  }),
  primaryKey: ["oid"],
  indexes: [
    { name: "ix_object_firstmjd", fields: ["firstmjd"] },
    { name: "ix_object_g_r_max", fields: ["g_r_max"] },
    { name: "ix_object_g_r_mean_corr", fields: ["g_r_mean_corr"] },
    { name: "ix_object_meandec", fields: ["meandec"] },
    { name: "ix_object_meanra", fields: ["meanra"] },
    { name: "ix_object_ndet", fields: ["ndet"] },
  ],
  spatial: { ra: "meanra", dec: "meandec" },
  mongo: { derived: { loc: point("meanra", "meandec") } },
  relations: {
    magstats: {
      kind: "many",
      model: "magstat",
      on: { oid: "oid" },
      orderBy: { fid: "asc" },
    },
    non_detections: {
      kind: "many",
      model: "non_detection",
      on: { oid: "oid" },
      orderBy: { mjd: "asc" },
    },
    detections: {
      kind: "many",
      model: "detection",
      on: { oid: "oid" },
      orderBy: { mjd: "asc" },
    },
    features: { kind: "many", model: "feature", on: { oid: "oid" } },
    probabilities: {
      kind: "many",
      model: "probability",
      on: { oid: "oid" },
      orderBy: { classifier_name: "asc" },
    },
  },
}));
