// Written by `deno task row-types` from ../probability.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `probability`: the probability of one class of an object, by a classifier. */
export interface ProbabilityRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Classifier, as in the table classifier. */
  classifier_id: number;
  /** Version of the classifier. */
  classifier_version: number;
  /** Class, as in the table taxonomy. */
  class_id: number;
  /** Probability of the class, 0 to 1. */
  probability: number;
  /** Rank of the class for this object and classifier, from 1. */
  ranking: number | null;
  /** Last detection, modified Julian date (d). */
  lastmjd: number;
}

/** The input of a write to `probability`. */
export type ProbabilityInsert = Insertable<ProbabilityRow>;
