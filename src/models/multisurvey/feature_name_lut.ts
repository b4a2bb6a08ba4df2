import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { int16, varchar } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import { FEATURE_NAMES } from "./feature_names.ts";
import type {
  FeatureNameLutInsert,
  FeatureNameLutRow,
} from "./rows/feature_name_lut.ts";

/** `feature_name_lut`: the name of one feature. */
export const FeatureNameLut: Model<
  FeatureNameLutRow,
  FeatureNameLutInsert,
  "feature_name_lut",
  object,
  "feature_id"
> = deferredModel("feature_name_lut", () => ({
  fields: z.object({
    feature_id: int16("Feature"),
    feature_name: varchar("Name of the feature"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    tid: int16("Telescope: 0 ZTF, 1 LSST"),
    created_date: createdDate(),
  }),
  primaryKey: ["feature_id"],
  primaryKeyName: "pk_feature_name_lut_featureid",
  seed: FEATURE_NAMES.map((feature_name, feature_id) => ({
    feature_id,
    feature_name,
    sid: 1,
    tid: 1,
  })),
}));
