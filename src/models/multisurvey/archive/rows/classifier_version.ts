// Written by `deno task row-types` from ../classifier_version.ts.
import type { Insertable } from "../../../../model/types.ts";

/** A row of `classifier_version`: one version of a classifier. */
export interface ClassifierVersionRow {
  /** Version of a classifier. */
  id: number;
  /** Name of the classifier. */
  classifier_name: string;
  /** Version of the classifier. */
  classifier_version: string;
  /** Version of the features. */
  features_version: string | null;
  /** Day of the release, UTC. */
  release_date: Date | null;
}

/** The input of a write to `classifier_version`. */
export type ClassifierVersionInsert = Insertable<ClassifierVersionRow>;
