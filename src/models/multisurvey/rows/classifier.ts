// Written by `deno task row-types` from ../classifier.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `classifier`: one version of a classifier. */
export interface ClassifierRow {
  /** Classifier. */
  classifier_id: number;
  /** Name of the classifier. */
  classifier_name: string;
  /** Version of the classifier. */
  classifier_version: string;
  /** Telescope: 0 ZTF, 1 LSST. */
  tid: number;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `classifier`. */
export type ClassifierInsert = Insertable<ClassifierRow>;
