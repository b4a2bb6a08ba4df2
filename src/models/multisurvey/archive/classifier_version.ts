import { z } from "../../../base/zod.ts";
import { deferredModel } from "../../../model/deferred_model.ts";
import type { Model } from "../../../model/types.ts";
import { int32, varchar } from "../../../model/columns.ts";
import { createdDate } from "../../../model/day_columns.ts";
import type {
  ClassifierVersionInsert,
  ClassifierVersionRow,
} from "./rows/classifier_version.ts";

/** `classifier_version`: one version of a classifier. */
export const ClassifierVersion: Model<
  ClassifierVersionRow,
  ClassifierVersionInsert,
  "classifier_version",
  object,
  "id"
> = deferredModel("classifier_version", () => ({
  fields: z.object({
    id: int32("Version of a classifier"),
    classifier_name: varchar("Name of the classifier"),
    classifier_version: varchar("Version of the classifier"),
    features_version: varchar("Version of the features").nullable(),
    release_date: createdDate("Day of the release, UTC"),
  }),
  primaryKey: ["id"],
  seed: [
    {
      id: 1,
      classifier_name: "stamp_classifier_rubin",
      classifier_version: "2.0.1",
      features_version: "0",
    },
    {
      id: 2,
      classifier_name: "stamp_classifier_2025_beta",
      classifier_version: "2.1.1",
      features_version: "0",
    },
  ],
}));
