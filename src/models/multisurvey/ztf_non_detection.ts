import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, float64, int16, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  ZtfNonDetectionInsert,
  ZtfNonDetectionRow,
} from "./rows/ztf_non_detection.ts";

/** `ztf_non_detection`: one visit in which ZTF did not see an object. */
export const ZtfNonDetection: Model<
  ZtfNonDetectionRow,
  ZtfNonDetectionInsert,
  "ztf_non_detection",
  object,
  "oid" | "mjd"
> = deferredModel("ztf_non_detection", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    band: int16("Band, as in the table band"),
    mjd: float64("Start of the exposure, modified Julian date, UTC", "d"),
    diffmaglim: float32(
      "Expected 5-sigma limit of the difference image",
      "mag",
    ),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "mjd"],
  primaryKeyName: "pk_oid_mjd",
  indexes: [
    { name: "ix_non_detection_oid", fields: ["oid"], using: "hash" },
  ],
}));
