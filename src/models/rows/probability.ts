// Written by `deno task row-types` from ../probability.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `probability`: the probability of a class for an object, by one classifier. */
export interface ProbabilityRow {
  /** Object identifier. */
  oid: string;
  /** Class. */
  class_name: string;
  /** Name of the classifier. */
  classifier_name: string;
  /** Version of the classifier. */
  classifier_version: string;
  /** Probability of the class, 0 to 1. */
  probability: number;
  /** Rank of the class for this object and classifier, from 1. */
  ranking: number;
}

/** The input of a write to `probability`. */
export type ProbabilityInsert = Insertable<ProbabilityRow>;
