import type { Insertable } from "../../model/types.ts";

/** A row of `taxonomy`: the classes a classifier knows. */
export interface TaxonomyRow {
  /** Name of the classifier. */
  classifier_name: string;
  /** Version of the classifier. */
  classifier_version: string;
  /** Names of its classes. */
  classes: string[];
}

/** What a write to `taxonomy` takes. */
export type TaxonomyInsert = Insertable<TaxonomyRow>;
