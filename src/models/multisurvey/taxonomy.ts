import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { int16, int32, varchar } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { TaxonomyInsert, TaxonomyRow } from "./rows/taxonomy.ts";

/** `taxonomy`: one class of a classifier. */
export const Taxonomy: Model<
  TaxonomyRow,
  TaxonomyInsert,
  "taxonomy",
  object,
  "class_id"
> = deferredModel("taxonomy", () => ({
  fields: z.object({
    class_id: int32("Class"),
    class_name: varchar("Name of the class"),
    order: int32("Position in the list of the classifier's classes, from 0"),
    classifier_id: int16("Classifier, as in the table classifier"),
    created_date: createdDate(),
  }),
  primaryKey: ["class_id"],
  primaryKeyName: "pk_taxonomy_classid",
  seed: [
    { class_id: 0, class_name: "SN", order: 0, classifier_id: 1 },
    { class_id: 1, class_name: "AGN", order: 1, classifier_id: 1 },
    { class_id: 2, class_name: "VS", order: 2, classifier_id: 1 },
    { class_id: 3, class_name: "asteroid", order: 3, classifier_id: 1 },
    { class_id: 4, class_name: "bogus", order: 4, classifier_id: 1 },
    { class_id: 5, class_name: "SN", order: 0, classifier_id: 2 },
    { class_id: 6, class_name: "AGN", order: 1, classifier_id: 2 },
    { class_id: 7, class_name: "VS", order: 2, classifier_id: 2 },
    { class_id: 8, class_name: "asteroid", order: 3, classifier_id: 2 },
    { class_id: 9, class_name: "bogus", order: 4, classifier_id: 2 },
    { class_id: 10, class_name: "satellite", order: 5, classifier_id: 2 },
  ],
}));
