import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float64, int16, int64 } from "../../model/columns.ts";
import { updatedDate } from "../../model/day_columns.ts";
import type { FeatureInsert, FeatureRow } from "./rows/feature.ts";

/** `feature`: one feature of an object. */
export const Feature: Model<FeatureRow, FeatureInsert, "feature", object> =
  deferredModel("feature", () => ({
    fields: z.object({
      oid: int64("Object identifier; (oid, sid) names an object"),
      sid: int16(
        "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
      ),
      feature_id: int16("Feature, as in the table feature_name_lut"),
      band: int16("Band of the feature"),
      version: int16(
        "Version of the features, as in the table feature_version_lut",
      ),
      value: float64("Value, in the feature's own unit").nullable(),
      updated_date: updatedDate(),
    }),
    indexes: [
      { name: "idx_feature_oid", fields: ["oid"] },
    ],
    partitionBy: { hash: "oid", partitions: 32 },
  }));
