// Written by `deno task row-types` from ../taxonomy.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `taxonomy`: one class of a classifier. */
export interface TaxonomyRow {
  /** Class. */
  class_id: number;
  /** Name of the class. */
  class_name: string;
  /** Position in the list of the classifier's classes, from 0. */
  order: number;
  /** Classifier, as in the table classifier. */
  classifier_id: number;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `taxonomy`. */
export type TaxonomyInsert = Insertable<TaxonomyRow>;
