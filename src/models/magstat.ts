import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { bool, float64, int32, varchar } from "../model/columns.ts";
import type { AstroObjectRow } from "./rows/object.ts";
import type { MagStatsInsert, MagStatsRow } from "./rows/magstat.ts";

/** The properties that `include` adds to a row of `magstat`. */
export interface MagStatsRelations {
  /** The row of `object`. */
  object: AstroObjectRow | null;
}

/** `magstat`: statistics of an object's magnitudes in one filter. */
export const MagStats: Model<
  MagStatsRow,
  MagStatsInsert,
  "magstat",
  MagStatsRelations,
  "oid" | "fid"
> = deferredModel("magstat", () => ({
  label: "MagStats",
  fields: z.object({
    oid: varchar("Object identifier"),
    fid: int32("Filter: 1 g, 2 r, 3 i"),
    stellar: bool("Whether the nearest reference source is a star"),
    corrected: bool("Whether the magnitudes could be corrected"),
    ndet: int32("Detections in the filter"),
    ndubious: int32("Detections whose correction is dubious"),
    dmdt_first: float64(
      "Slope between the last non-detection and the first detection",
      "mag/d",
    ).nullable(),
    dm_first: float64("Magnitude step of that slope", "mag").nullable(),
    sigmadm_first: float64("Uncertainty of that step", "mag").nullable(),
    dt_first: float64("Time of that step", "d").nullable(),
    magmean: float64("Mean magnitude", "mag").nullable(),
    magmedian: float64("Median magnitude", "mag").nullable(),
    magmax: float64("Faintest magnitude", "mag").nullable(),
    magmin: float64("Brightest magnitude", "mag").nullable(),
    magsigma: float64("Scatter of the magnitudes", "mag").nullable(),
    maglast: float64("Last magnitude", "mag").nullable(),
    magfirst: float64("First magnitude", "mag").nullable(),
    magmean_corr: float64("Mean corrected magnitude", "mag").nullable(),
    magmedian_corr: float64("Median corrected magnitude", "mag").nullable(),
    magmax_corr: float64("Faintest corrected magnitude", "mag").nullable(),
    magmin_corr: float64("Brightest corrected magnitude", "mag").nullable(),
    magsigma_corr: float64("Scatter of the corrected magnitudes", "mag")
      .nullable(),
    maglast_corr: float64("Last corrected magnitude", "mag").nullable(),
    magfirst_corr: float64("First corrected magnitude", "mag").nullable(),
    firstmjd: float64(
      "First detection in the filter, modified Julian date",
      "d",
    ).nullable(),
    lastmjd: float64("Last detection in the filter, modified Julian date", "d")
      .nullable(),
    step_id_corr: varchar("Version of the correction step"),
    saturation_rate: float64(
      "Share of the detections that are saturated, 0 to 1",
    ).nullable(),
  }),
  primaryKey: ["oid", "fid"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
  indexes: [
    { name: "ix_magstats_dmdt_first", fields: ["dmdt_first"] },
    { name: "ix_magstats_firstmjd", fields: ["firstmjd"] },
    { name: "ix_magstats_lastmjd", fields: ["lastmjd"] },
    { name: "ix_magstats_magfirst", fields: ["magfirst"] },
    { name: "ix_magstats_maglast", fields: ["maglast"] },
    { name: "ix_magstats_magmean", fields: ["magmean"] },
    { name: "ix_magstats_magmin", fields: ["magmin"] },
    { name: "ix_magstats_ndet", fields: ["ndet"] },
    { name: "ix_magstats_oid", fields: ["oid"], using: "hash" },
  ],
  relations: {
    object: { kind: "one", model: "object", on: { oid: "oid" } },
  },
}));
