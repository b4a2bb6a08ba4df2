// Written by `deno task row-types` from ../taxonomy.ts.
import type { Insertable } from "../../../../model/types.ts";

/** A row of `taxonomy`: one class of a classifier. */
export interface TaxonomyRow {
  /** Class. */
  id: number;
  /** Version of a classifier, as in the table classifier_version. */
  classifier_version_id: number;
  /** Name of the class. */
  class_name: string;
  /** Position in a list, from 0. */
  order: number;
}

/** The input of a write to `taxonomy`. */
export type TaxonomyInsert = Insertable<TaxonomyRow>;
