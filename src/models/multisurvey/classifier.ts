import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { int16, int32, varchar } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { ClassifierInsert, ClassifierRow } from "./rows/classifier.ts";

/** `classifier`: one version of a classifier. */
export const Classifier: Model<
  ClassifierRow,
  ClassifierInsert,
  "classifier",
  object,
  "classifier_id"
> = deferredModel("classifier", () => ({
  fields: z.object({
    classifier_id: int32("Classifier"),
    classifier_name: varchar("Name of the classifier"),
    classifier_version: varchar("Version of the classifier"),
    tid: int16("Telescope: 0 ZTF, 1 LSST"),
    created_date: createdDate(),
  }),
  primaryKey: ["classifier_id"],
  primaryKeyName: "pk_classifier_classifierid",
  seed: [
    {
      classifier_id: 1,
      classifier_name: "stamp_classifier_rubin",
      classifier_version: "2.0.1",
      tid: 1,
    },
    {
      classifier_id: 2,
      classifier_name: "stamp_classifier_2025_beta",
      classifier_version: "2.1.1",
      tid: 0,
    },
  ],
}));
