// Written by `deno task row-types` from ../taxonomy.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `taxonomy`: the classes of a classifier. */
export interface TaxonomyRow {
  /** Name of the classifier. */
  classifier_name: string;
  /** Version of the classifier. */
  classifier_version: string;
  /** Names of its classes. */
  classes: string[];
}

/** The input of a write to `taxonomy`. */
export type TaxonomyInsert = Insertable<TaxonomyRow>;
