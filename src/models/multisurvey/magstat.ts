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
  varchar,
} from "../../model/columns.ts";
import { updatedDate } from "../../model/day_columns.ts";
import type { MagstatInsert, MagstatRow } from "./rows/magstat.ts";

/** `magstat`: statistics of an object's magnitudes in one band. */
export const Magstat: Model<
  MagstatRow,
  MagstatInsert,
  "magstat",
  object,
  "oid" | "sid" | "band"
> = deferredModel("magstat", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    band: int16("Band, as in the table band"),
    stellar: bool("Whether the nearest reference source is a star").nullable(),
    corrected: bool("Whether the magnitudes could be corrected").nullable(),
    ndubious: int32("Detections whose correction is dubious").nullable(),
    dmdt_first: float32(
      "Slope between the last non-detection and the first detection",
      "mag/d",
    ).nullable(),
    dm_first: float32("Magnitude step of that slope", "mag").nullable(),
    sigmadm_first: float32("Uncertainty of that step", "mag").nullable(),
    dt_first: float32("Time of that step", "d").nullable(),
    magmean: float32("Mean magnitude", "mag").nullable(),
    magmedian: float32("Median magnitude", "mag").nullable(),
    magmax: float32("Faintest magnitude", "mag").nullable(),
    magmin: float32("Brightest magnitude", "mag").nullable(),
    magsigma: float32("Scatter of the magnitudes", "mag").nullable(),
    maglast: float32("Last magnitude", "mag").nullable(),
    magfirst: float32("First magnitude", "mag").nullable(),
    magmean_corr: float32("Mean corrected magnitude", "mag").nullable(),
    magmedian_corr: float32("Median corrected magnitude", "mag").nullable(),
    magmax_corr: float32("Faintest corrected magnitude", "mag").nullable(),
    magmin_corr: float32("Brightest corrected magnitude", "mag").nullable(),
    magsigma_corr: float32("Scatter of the corrected magnitudes", "mag")
      .nullable(),
    maglast_corr: float32("Last corrected magnitude", "mag").nullable(),
    magfirst_corr: float32("First corrected magnitude", "mag").nullable(),
    step_id_corr: varchar("Version of the correction step").nullable(),
    n_det: int32("Detections in the band").nullable(),
    firstmjd: float64("First detection in the band, modified Julian date", "d")
      .nullable(),
    lastmjd: float64("Last detection in the band, modified Julian date", "d")
      .nullable(),
    saturation_rate: float32(
      "Share of the corrected detections that are saturated, 0 to 1",
    ).nullable(),
    updated_date: updatedDate(),
  }),
  primaryKey: ["oid", "sid", "band"],
  primaryKeyName: "pk_magstat_oid_sid_band",
  partitionBy: { hash: "oid", partitions: 16 },
}));
