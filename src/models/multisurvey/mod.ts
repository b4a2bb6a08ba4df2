/**
 * The models of ALeRCE's multi-survey schema of 2026: the 30 tables of ZTF and
 * LSST side by side, with their exact names, types, keys, indexes, partitions,
 * and look-up rows.
 *
 * @example
 * ```ts
 * import { AstroObject, MULTISURVEY_MODELS } from "@alerce/db-plugins/models/multisurvey";
 * import assert from "node:assert/strict";
 *
 * assert.equal(MULTISURVEY_MODELS.length, 30);
 * assert.deepEqual(AstroObject.primaryKey, ["oid", "sid"]);
 * assert.deepEqual(AstroObject.partitionBy, { hash: "oid", partitions: 8 });
 * ```
 *
 * @module
 */

import { Allwise } from "./allwise.ts";
import { Band } from "./band.ts";
import { CatalogIdLut } from "./catalog_id_lut.ts";
import { Classifier } from "./classifier.ts";
import { Detection } from "./detection.ts";
import { Feature } from "./feature.ts";
import { FeatureNameLut } from "./feature_name_lut.ts";
import { FeatureVersionLut } from "./feature_version_lut.ts";
import { ForcedPhotometry } from "./forced_photometry.ts";
import { LsstDetection } from "./lsst_detection.ts";
import { LsstDiaObject } from "./lsst_dia_object.ts";
import { LsstForcedPhotometry } from "./lsst_forced_photometry.ts";
import { LsstMpcOrbits } from "./lsst_mpc_orbits.ts";
import { LsstSsDetection } from "./lsst_ss_detection.ts";
import { LsstSsObject } from "./lsst_ss_object.ts";
import { Magstat } from "./magstat.ts";
import { AstroObject } from "./object.ts";
import { Probability } from "./probability.ts";
import { SidLut } from "./sid_lut.ts";
import { Taxonomy } from "./taxonomy.ts";
import { Xmatch } from "./xmatch.ts";
import { ZtfDataquality } from "./ztf_dataquality.ts";
import { ZtfDetection } from "./ztf_detection.ts";
import { ZtfForcedPhotometry } from "./ztf_forced_photometry.ts";
import { ZtfGaia } from "./ztf_gaia.ts";
import { ZtfNonDetection } from "./ztf_non_detection.ts";
import { ZtfObject } from "./ztf_object.ts";
import { ZtfPs1 } from "./ztf_ps1.ts";
import { ZtfReference } from "./ztf_reference.ts";
import { ZtfSs } from "./ztf_ss.ts";

/** The 30 models, in the order of their tables. */
export const MULTISURVEY_MODELS: readonly [
  typeof Allwise,
  typeof Band,
  typeof CatalogIdLut,
  typeof Classifier,
  typeof Detection,
  typeof Feature,
  typeof FeatureNameLut,
  typeof FeatureVersionLut,
  typeof ForcedPhotometry,
  typeof LsstDetection,
  typeof LsstDiaObject,
  typeof LsstForcedPhotometry,
  typeof LsstMpcOrbits,
  typeof LsstSsDetection,
  typeof LsstSsObject,
  typeof Magstat,
  typeof AstroObject,
  typeof Probability,
  typeof SidLut,
  typeof Taxonomy,
  typeof Xmatch,
  typeof ZtfDataquality,
  typeof ZtfDetection,
  typeof ZtfForcedPhotometry,
  typeof ZtfGaia,
  typeof ZtfNonDetection,
  typeof ZtfObject,
  typeof ZtfPs1,
  typeof ZtfReference,
  typeof ZtfSs,
] = [
  Allwise,
  Band,
  CatalogIdLut,
  Classifier,
  Detection,
  Feature,
  FeatureNameLut,
  FeatureVersionLut,
  ForcedPhotometry,
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
  LsstSsObject,
  Magstat,
  AstroObject,
  Probability,
  SidLut,
  Taxonomy,
  Xmatch,
  ZtfDataquality,
  ZtfDetection,
  ZtfForcedPhotometry,
  ZtfGaia,
  ZtfNonDetection,
  ZtfObject,
  ZtfPs1,
  ZtfReference,
  ZtfSs,
];

/** The type of {@link MULTISURVEY_MODELS}, for `SQLConnection<MultisurveyModels>`. */
export type MultisurveyModels = typeof MULTISURVEY_MODELS;

export {
  Allwise,
  AstroObject,
  Band,
  CatalogIdLut,
  Classifier,
  Detection,
  Feature,
  FeatureNameLut,
  FeatureVersionLut,
  ForcedPhotometry,
  LsstDetection,
  LsstDiaObject,
  LsstForcedPhotometry,
  LsstMpcOrbits,
  LsstSsDetection,
  LsstSsObject,
  Magstat,
  Probability,
  SidLut,
  Taxonomy,
  Xmatch,
  ZtfDataquality,
  ZtfDetection,
  ZtfForcedPhotometry,
  ZtfGaia,
  ZtfNonDetection,
  ZtfObject,
  ZtfPs1,
  ZtfReference,
  ZtfSs,
};
export { type AllwiseInsert, type AllwiseRow } from "./rows/allwise.ts";
export { type BandInsert, type BandRow } from "./rows/band.ts";
export {
  type CatalogIdLutInsert,
  type CatalogIdLutRow,
} from "./rows/catalog_id_lut.ts";
export {
  type ClassifierInsert,
  type ClassifierRow,
} from "./rows/classifier.ts";
export { type DetectionInsert, type DetectionRow } from "./rows/detection.ts";
export { type FeatureInsert, type FeatureRow } from "./rows/feature.ts";
export {
  type FeatureNameLutInsert,
  type FeatureNameLutRow,
} from "./rows/feature_name_lut.ts";
export {
  type FeatureVersionLutInsert,
  type FeatureVersionLutRow,
} from "./rows/feature_version_lut.ts";
export {
  type ForcedPhotometryInsert,
  type ForcedPhotometryRow,
} from "./rows/forced_photometry.ts";
export {
  type LsstDetectionInsert,
  type LsstDetectionRow,
} from "./rows/lsst_detection.ts";
export {
  type LsstDiaObjectInsert,
  type LsstDiaObjectRow,
} from "./rows/lsst_dia_object.ts";
export {
  type LsstForcedPhotometryInsert,
  type LsstForcedPhotometryRow,
} from "./rows/lsst_forced_photometry.ts";
export {
  type LsstMpcOrbitsInsert,
  type LsstMpcOrbitsRow,
} from "./rows/lsst_mpc_orbits.ts";
export {
  type LsstSsDetectionInsert,
  type LsstSsDetectionRow,
} from "./rows/lsst_ss_detection.ts";
export {
  type LsstSsObjectInsert,
  type LsstSsObjectRow,
} from "./rows/lsst_ss_object.ts";
export { type MagstatInsert, type MagstatRow } from "./rows/magstat.ts";
export { type AstroObjectInsert, type AstroObjectRow } from "./rows/object.ts";
export {
  type ProbabilityInsert,
  type ProbabilityRow,
} from "./rows/probability.ts";
export { type SidLutInsert, type SidLutRow } from "./rows/sid_lut.ts";
export { type TaxonomyInsert, type TaxonomyRow } from "./rows/taxonomy.ts";
export { type XmatchInsert, type XmatchRow } from "./rows/xmatch.ts";
export {
  type ZtfDataqualityInsert,
  type ZtfDataqualityRow,
} from "./rows/ztf_dataquality.ts";
export {
  type ZtfDetectionInsert,
  type ZtfDetectionRow,
} from "./rows/ztf_detection.ts";
export {
  type ZtfForcedPhotometryInsert,
  type ZtfForcedPhotometryRow,
} from "./rows/ztf_forced_photometry.ts";
export { type ZtfGaiaInsert, type ZtfGaiaRow } from "./rows/ztf_gaia.ts";
export {
  type ZtfNonDetectionInsert,
  type ZtfNonDetectionRow,
} from "./rows/ztf_non_detection.ts";
export { type ZtfObjectInsert, type ZtfObjectRow } from "./rows/ztf_object.ts";
export { type ZtfPs1Insert, type ZtfPs1Row } from "./rows/ztf_ps1.ts";
export {
  type ZtfReferenceInsert,
  type ZtfReferenceRow,
} from "./rows/ztf_reference.ts";
export { type ZtfSsInsert, type ZtfSsRow } from "./rows/ztf_ss.ts";
