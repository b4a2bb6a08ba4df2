import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float64, int16, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { DetectionInsert, DetectionRow } from "./rows/detection.ts";

/** `detection`: when and where one detection of any survey was made. */
export const Detection: Model<
  DetectionRow,
  DetectionInsert,
  "detection",
  object,
  "oid" | "measurement_id" | "sid"
> = deferredModel("detection", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    measurement_id: int64("Identifier of the measurement"),
    mjd: float64(
      "Time of the exposure, modified Julian date: UTC for ZTF, TAI for LSST",
      "d",
    ),
    ra: float64("Right ascension, J2000", "deg"),
    dec: float64("Declination, J2000", "deg"),
    band: int16("Band, as in the table band").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id", "sid"],
  primaryKeyName: "pk_detection_oid_measurementid_sid",
  indexes: [
    { name: "ix_detection_oid", fields: ["oid"], using: "hash" },
  ],
}));
