import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { bool, float32, float64, int32, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { ZtfObjectInsert, ZtfObjectRow } from "./rows/ztf_object.ts";

/** `ztf_object`: what only ZTF knows about an object. */
export const ZtfObject: Model<
  ZtfObjectRow,
  ZtfObjectInsert,
  "ztf_object",
  object,
  "oid"
> = deferredModel("ztf_object", () => ({
  fields: z.object({
    oid: int64("Object identifier: the packed objectId"),
    g_r_max: float32("Colour g - r at maximum, difference magnitudes", "mag")
      .nullable(),
    g_r_max_corr: float32(
      "Colour g - r at maximum, corrected magnitudes",
      "mag",
    ).nullable(),
    g_r_mean: float32("Colour g - r of the means, difference magnitudes", "mag")
      .nullable(),
    g_r_mean_corr: float32(
      "Colour g - r of the means, corrected magnitudes",
      "mag",
    ).nullable(),
    corrected: bool(
      "Whether the magnitudes could be corrected for the reference source",
    ).default(false),
    stellar: bool("Whether the nearest reference source is a star").nullable(),
    reference_change: bool("Whether the reference image changed").nullable(),
    diffpos: bool("Whether the first detection is brighter than the reference")
      .nullable(),
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
    created_date: createdDate(),
  }),
  primaryKey: ["oid"],
  primaryKeyName: "pk_ztfobject_oid",
}));
