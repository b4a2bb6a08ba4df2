import { z } from "../../../base/zod.ts";
import { deferredModel } from "../../../model/deferred_model.ts";
import type { Model } from "../../../model/types.ts";
import { int32, varchar } from "../../../model/columns.ts";
import type { TaxonomyInsert, TaxonomyRow } from "./rows/taxonomy.ts";

/** `taxonomy`: one class of a classifier. */
export const Taxonomy: Model<
  TaxonomyRow,
  TaxonomyInsert,
  "taxonomy",
  object,
  "id"
> = deferredModel("taxonomy", () => ({
  fields: z.object({
    id: int32("Class"),
    classifier_version_id: int32(
      "Version of a classifier, as in the table classifier_version",
    ),
    class_name: varchar("Name of the class"),
    order: int32("Position in a list, from 0"),
  }),
  primaryKey: ["id"],
  foreignKeys: [
    {
      fields: ["classifier_version_id"],
      references: { table: "classifier_version", fields: ["id"] },
    },
  ],
  seed: [
    { id: 0, class_name: "SN", order: 0, classifier_version_id: 1 },
    { id: 1, class_name: "AGN", order: 1, classifier_version_id: 1 },
    { id: 2, class_name: "VS", order: 2, classifier_version_id: 1 },
    { id: 3, class_name: "asteroid", order: 3, classifier_version_id: 1 },
    { id: 4, class_name: "bogus", order: 4, classifier_version_id: 1 },
    { id: 5, class_name: "SN", order: 0, classifier_version_id: 2 },
    { id: 6, class_name: "AGN", order: 1, classifier_version_id: 2 },
    { id: 7, class_name: "VS", order: 2, classifier_version_id: 2 },
    { id: 8, class_name: "asteroid", order: 3, classifier_version_id: 2 },
    { id: 9, class_name: "bogus", order: 4, classifier_version_id: 2 },
    { id: 10, class_name: "satellite", order: 5, classifier_version_id: 2 },
  ],
}));
