import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { varchar, varchars } from "../model/columns.ts";
import type { TaxonomyInsert, TaxonomyRow } from "./rows/taxonomy.ts";

/** `taxonomy`: the classes of a classifier. */
export const Taxonomy: Model<
  TaxonomyRow,
  TaxonomyInsert,
  "taxonomy",
  object,
  "classifier_name" | "classifier_version"
> = deferredModel("taxonomy", () => ({
  fields: z.object({
    classifier_name: varchar("Name of the classifier"),
    classifier_version: varchar("Version of the classifier"),
    classes: varchars("Names of its classes"),
  }),
  primaryKey: ["classifier_name", "classifier_version"],
}));
