/**
 * The three collections of ALeRCE's MongoDB, with the names, fields and indexes
 * of version 3.1.0 of the Python package. Its databases can be read and written
 * without a migration.
 *
 * As in the Python package, `bulkInsert`, `bulkUpsert` and `getOrCreate` store
 * attributes that the model does not declare in `extra_fields`. An upsert with
 * such attributes replaces all of `extra_fields`; one without leaves it
 * unchanged. `update`, `bulkUpdate` and `updateAll` accept declared fields only.
 * `loc` is computed from `meanra` and `meandec`. The Python package creates no
 * unique indexes: `initdb` adds those of the keys, and reports duplicates that
 * prevent it.
 *
 * @example
 * ```ts ignore
 * import { MongoConnection } from "@alerce/db-plugins";
 * import { ALERCE_DOCUMENTS, Detection } from "@alerce/db-plugins/models/mongo";
 *
 * await using db = new MongoConnection({ models: ALERCE_DOCUMENTS });
 * await db.connect({ HOST: "localhost", DATABASE: "alerce" });
 * await db.query(Detection).findAll({ filterBy: { aid: "AL18aaxlzgi" } });
 * ```
 *
 * @module
 */

import { Detection } from "./detection.ts";
import { NonDetection } from "./non_detection.ts";
import { AstroObject } from "./object.ts";

/** The models of all three collections. */
export const ALERCE_DOCUMENTS: readonly [
  typeof AstroObject,
  typeof Detection,
  typeof NonDetection,
] = [AstroObject, Detection, NonDetection];

export { AstroObject, AstroObject as Object, Detection, NonDetection };
export { type DetectionInsert, type DetectionRow } from "./detection.ts";
export {
  type NonDetectionInsert,
  type NonDetectionRow,
} from "./non_detection.ts";
export { type AstroObjectInsert, type AstroObjectRow } from "./object.ts";
