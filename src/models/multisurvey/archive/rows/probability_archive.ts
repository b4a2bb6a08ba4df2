// Written by `deno task row-types` from ../probability_archive.ts.
import type { Insertable } from "../../../../model/types.ts";

/** A row of `probability_archive`: an archived probability of one class of an object. */
export interface ProbabilityArchiveRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Version of a classifier, as in the table classifier_version. */
  classifier_version_id: number;
  /** Class, as in the table taxonomy. */
  class_id: number;
  /** Probability of the class, 0 to 1. */
  probability: number;
  /** Rank of the class for this object and classifier, from 1. */
  ranking: number | null;
  /** Day of the insert, UTC. */
  creation_date: Date | null;
  /** Day of the last update, UTC. */
  update_date: Date | null;
}

/** The input of a write to `probability_archive`. */
export type ProbabilityArchiveInsert = Insertable<ProbabilityArchiveRow>;
