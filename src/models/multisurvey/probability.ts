import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, float64, int16, int64 } from "../../model/columns.ts";
import type { ProbabilityInsert, ProbabilityRow } from "./rows/probability.ts";

/** `probability`: the probability of one class of an object, by a classifier. */
export const Probability: Model<
  ProbabilityRow,
  ProbabilityInsert,
  "probability",
  object,
  "oid" | "sid" | "classifier_id" | "class_id"
> = deferredModel("probability", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    classifier_id: int16("Classifier, as in the table classifier"),
    classifier_version: int16("Version of the classifier"),
    class_id: int16("Class, as in the table taxonomy"),
    probability: float32("Probability of the class, 0 to 1"),
    ranking: int16("Rank of the class for this object and classifier, from 1")
      .nullable(),
    lastmjd: float64("Last detection, modified Julian date", "d"),
  }),
  primaryKey: ["oid", "sid", "classifier_id", "class_id"],
  primaryKeyName: "pk_probability_oid_classifierid_classid",
  indexes: [
    {
      name: "ix_classification_rank1",
      fields: ["ranking"],
      where: "ranking = 1",
    },
    { name: "ix_probability_oid", fields: ["oid"], using: "hash" },
    { name: "ix_probability_probability", fields: ["probability"] },
    { name: "ix_probability_ranking", fields: ["ranking"] },
  ],
  partitionBy: { hash: "oid", partitions: 16 },
}));
