import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { float64, int32, varchar } from "../model/columns.ts";
import type { AstroObjectRow } from "./rows/object.ts";
import type { ProbabilityInsert, ProbabilityRow } from "./rows/probability.ts";

/** The properties that `include` adds to a row of `probability`. */
export interface ProbabilityRelations {
  /** The row of `object`. */
  object: AstroObjectRow | null;
}

/** `probability`: the probability of a class for an object, by one classifier. */
export const Probability: Model<
  ProbabilityRow,
  ProbabilityInsert,
  "probability",
  ProbabilityRelations,
  "oid" | "class_name" | "classifier_name" | "classifier_version"
> = deferredModel("probability", () => ({
  fields: z.object({
    oid: varchar("Object identifier"),
    class_name: varchar("Class"),
    classifier_name: varchar("Name of the classifier"),
    classifier_version: varchar("Version of the classifier"),
    probability: float64("Probability of the class, 0 to 1"),
    ranking: int32("Rank of the class for this object and classifier, from 1"),
  }),
  primaryKey: ["oid", "class_name", "classifier_name", "classifier_version"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
  indexes: [
    {
      name: "ix_classification_rank1",
      fields: ["ranking"],
      where: "ranking = 1",
    },
    { name: "ix_probabilities_oid", fields: ["oid"], using: "hash" },
    { name: "ix_probabilities_probability", fields: ["probability"] },
    { name: "ix_probabilities_ranking", fields: ["ranking"] },
  ],
  relations: {
    object: { kind: "one", model: "object", on: { oid: "oid" } },
  },
}));
