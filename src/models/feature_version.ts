import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { varchar } from "../model/columns.ts";
import type {
  FeatureVersionInsert,
  FeatureVersionRow,
} from "./rows/feature_version.ts";

/** `feature_version`: a version of the features, and the steps that computed it. */
export const FeatureVersion: Model<
  FeatureVersionRow,
  FeatureVersionInsert,
  "feature_version",
  object,
  "version"
> = deferredModel("feature_version", () => ({
  fields: z.object({
    version: varchar("Version of the features"),
    step_id_feature: varchar("Step that made the features").nullable(),
    step_id_preprocess: varchar("Step that prepared its input").nullable(),
  }),
  primaryKey: ["version"],
  foreignKeys: [
    {
      fields: ["step_id_feature"],
      references: { table: "step", fields: ["step_id"] },
    },
    {
      fields: ["step_id_preprocess"],
      references: { table: "step", fields: ["step_id"] },
    },
  ],
}));
