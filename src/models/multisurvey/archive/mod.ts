/**
 * The models of the second database of ALeRCE's multi-survey schema, which
 * archives probabilities: 4 tables, with their exact names, types, keys, foreign
 * keys, indexes, partitions, and look-up rows.
 *
 * @example
 * ```ts
 * import { ARCHIVE_MODELS, ProbabilityArchive } from "@alerce/db-plugins/models/multisurvey/archive";
 * import assert from "node:assert/strict";
 *
 * assert.equal(ARCHIVE_MODELS.length, 4);
 * assert.equal(ProbabilityArchive.partitionBy?.partitions, 16);
 * ```
 *
 * @module
 */

import { ClassifierVersion } from "./classifier_version.ts";
import { SidLut } from "./sid_lut.ts";
import { Taxonomy } from "./taxonomy.ts";
import { ProbabilityArchive } from "./probability_archive.ts";

/** The 4 models, ordered so that tables come after those they reference. */
export const ARCHIVE_MODELS: readonly [
  typeof ClassifierVersion,
  typeof SidLut,
  typeof Taxonomy,
  typeof ProbabilityArchive,
] = [ClassifierVersion, SidLut, Taxonomy, ProbabilityArchive];

/** The type of {@link ARCHIVE_MODELS}, for `SQLConnection<ArchiveModels>`. */
export type ArchiveModels = typeof ARCHIVE_MODELS;

export { ClassifierVersion, ProbabilityArchive, SidLut, Taxonomy };
export {
  type ClassifierVersionInsert,
  type ClassifierVersionRow,
} from "./rows/classifier_version.ts";
export { type SidLutInsert, type SidLutRow } from "./rows/sid_lut.ts";
export { type TaxonomyInsert, type TaxonomyRow } from "./rows/taxonomy.ts";
export {
  type ProbabilityArchiveInsert,
  type ProbabilityArchiveRow,
} from "./rows/probability_archive.ts";
