import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float64, int16, int32, int64 } from "../../model/columns.ts";
import { createdDate, updatedDate } from "../../model/day_columns.ts";
import type { AstroObjectInsert, AstroObjectRow } from "./rows/object.ts";

/** `object`: an astronomical object of any survey. */
export const AstroObject: Model<
  AstroObjectRow,
  AstroObjectInsert,
  "object",
  object,
  "oid" | "sid"
> = deferredModel("object", () => ({
  label: "AstroObject",
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    tid: int16("Telescope: 0 ZTF, 1 LSST"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    meanra: float64("Mean right ascension of the detections, J2000", "deg"),
    meandec: float64("Mean declination of the detections, J2000", "deg"),
    sigmara: float64("Uncertainty of meanra", "arcsec").nullable(),
    sigmadec: float64("Uncertainty of meandec", "arcsec").nullable(),
    firstmjd: float64("First detection, modified Julian date", "d"),
    lastmjd: float64("Last detection, modified Julian date", "d"),
    deltamjd: float64("Time from the first to the last detection", "d").default(
      0,
    ),
    n_det: int32("Detections").default(1),
    n_forced: int32("Forced measurements").default(1),
    n_non_det: int32("Non-detections").default(1),
    created_date: createdDate(),
    updated_date: updatedDate(),
  }),
  primaryKey: ["oid", "sid"],
  primaryKeyName: "pk_object_oid_sid",
  indexes: [
    { name: "ix_object_firstmjd", fields: ["firstmjd"] },
    { name: "ix_object_lastmjd", fields: ["lastmjd"] },
    { name: "ix_object_meandec", fields: ["meandec"] },
    { name: "ix_object_meanra", fields: ["meanra"] },
    { name: "ix_object_n_det", fields: ["n_det"] },
  ],
  partitionBy: { hash: "oid", partitions: 8 },
  spatial: { ra: "meanra", dec: "meandec", index: false },
}));
