import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, int64, varchar } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { ZtfSsInsert, ZtfSsRow } from "./rows/ztf_ss.ts";

/** `ztf_ss`: the nearest known solar system object of one ZTF detection. */
export const ZtfSs: Model<
  ZtfSsRow,
  ZtfSsInsert,
  "ztf_ss",
  object,
  "oid" | "measurement_id"
> = deferredModel("ztf_ss", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    measurement_id: int64("Identifier of the measurement: candid"),
    ssdistnr: float32(
      "Distance to the nearest known solar system object within 30 arcsec",
      "arcsec",
    ).nullable(),
    ssmagnr: float32("Magnitude of that object", "mag").nullable(),
    ssnamenr: varchar("Name of that object").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id"],
  primaryKeyName: "pk_ztfss_oid_measurement_id",
  indexes: [
    { name: "ix_zrt_ss_oid", fields: ["oid"] },
  ],
}));
