import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { int16, varchar } from "../../model/columns.ts";
import type {
  FeatureVersionLutInsert,
  FeatureVersionLutRow,
} from "./rows/feature_version_lut.ts";

/** `feature_version_lut`: the name of one version of the features. */
export const FeatureVersionLut: Model<
  FeatureVersionLutRow,
  FeatureVersionLutInsert,
  "feature_version_lut",
  object,
  "version_id"
> = deferredModel("feature_version_lut", () => ({
  fields: z.object({
    version_id: int16("Version of the features"),
    version_name: varchar("Name of the version"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    tid: int16("Telescope: 0 ZTF, 1 LSST"),
  }),
  primaryKey: ["version_id"],
  primaryKeyName: "pk_feature_version_lut_versionid",
}));
