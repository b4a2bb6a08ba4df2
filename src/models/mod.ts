/**
 * The models of ALeRCE's 17 tables, with their exact names, types, keys, foreign
 * keys and indexes.
 *
 * @example
 * ```ts
 * import { ALERCE_MODELS, Detection } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * assert.equal(ALERCE_MODELS.length, 17);
 * assert.deepEqual(Detection.primaryKey, ["candid", "oid"]);
 * assert.equal(Detection.byName.get("magpsf")?.unit, "mag");
 * ```
 *
 * @module
 */

import { Step } from "./step.ts";
import { AstroObject } from "./object.ts";
import { Taxonomy } from "./taxonomy.ts";
import { Probability } from "./probability.ts";
import { FeatureVersion } from "./feature_version.ts";
import { Feature } from "./feature.ts";
import { Xmatch } from "./xmatch.ts";
import { Allwise } from "./allwise.ts";
import { MagStats } from "./magstat.ts";
import { NonDetection } from "./non_detection.ts";
import { Detection } from "./detection.ts";
import { Dataquality } from "./dataquality.ts";
import { Gaia_ztf } from "./gaia_ztf.ts";
import { Ss_ztf } from "./ss_ztf.ts";
import { Ps1_ztf } from "./ps1_ztf.ts";
import { Reference } from "./reference.ts";
import { Pipeline } from "./pipeline.ts";

/** The 17 models, ordered so that tables come after those they reference. */
export const ALERCE_MODELS: readonly [
  typeof Step,
  typeof AstroObject,
  typeof Taxonomy,
  typeof Probability,
  typeof FeatureVersion,
  typeof Feature,
  typeof Xmatch,
  typeof Allwise,
  typeof MagStats,
  typeof NonDetection,
  typeof Detection,
  typeof Dataquality,
  typeof Gaia_ztf,
  typeof Ss_ztf,
  typeof Ps1_ztf,
  typeof Reference,
  typeof Pipeline,
] = [
  Step,
  AstroObject,
  Taxonomy,
  Probability,
  FeatureVersion,
  Feature,
  Xmatch,
  Allwise,
  MagStats,
  NonDetection,
  Detection,
  Dataquality,
  Gaia_ztf,
  Ss_ztf,
  Ps1_ztf,
  Reference,
  Pipeline,
];

/** The type of {@link ALERCE_MODELS}, for `SQLConnection<AlerceModels>`. */
export type AlerceModels = typeof ALERCE_MODELS;

export {
  Allwise,
  AstroObject,
  AstroObject as Object,
  Dataquality,
  Detection,
  Feature,
  FeatureVersion,
  Gaia_ztf,
  MagStats,
  NonDetection,
  Pipeline,
  Probability,
  Ps1_ztf,
  Reference,
  Ss_ztf,
  Step,
  Taxonomy,
  Xmatch,
};
export { type StepInsert, type StepRow } from "./rows/step.ts";
export { type AstroObjectRelations } from "./object.ts";
export { type AstroObjectInsert, type AstroObjectRow } from "./rows/object.ts";
export { type TaxonomyInsert, type TaxonomyRow } from "./rows/taxonomy.ts";
export { type ProbabilityRelations } from "./probability.ts";
export {
  type ProbabilityInsert,
  type ProbabilityRow,
} from "./rows/probability.ts";
export {
  type FeatureVersionInsert,
  type FeatureVersionRow,
} from "./rows/feature_version.ts";
export { type FeatureRelations } from "./feature.ts";
export { type FeatureInsert, type FeatureRow } from "./rows/feature.ts";
export { type XmatchRelations } from "./xmatch.ts";
export { type XmatchInsert, type XmatchRow } from "./rows/xmatch.ts";
export { type AllwiseInsert, type AllwiseRow } from "./rows/allwise.ts";
export { type MagStatsRelations } from "./magstat.ts";
export { type MagStatsInsert, type MagStatsRow } from "./rows/magstat.ts";
export { type NonDetectionRelations } from "./non_detection.ts";
export {
  type NonDetectionInsert,
  type NonDetectionRow,
} from "./rows/non_detection.ts";
export { type DetectionRelations } from "./detection.ts";
export { type DetectionInsert, type DetectionRow } from "./rows/detection.ts";
export {
  type DataqualityInsert,
  type DataqualityRow,
} from "./rows/dataquality.ts";
export { type Gaia_ztfInsert, type Gaia_ztfRow } from "./rows/gaia_ztf.ts";
export { type Ss_ztfInsert, type Ss_ztfRow } from "./rows/ss_ztf.ts";
export { type Ps1_ztfInsert, type Ps1_ztfRow } from "./rows/ps1_ztf.ts";
export { type ReferenceInsert, type ReferenceRow } from "./rows/reference.ts";
export { type PipelineInsert, type PipelineRow } from "./rows/pipeline.ts";
