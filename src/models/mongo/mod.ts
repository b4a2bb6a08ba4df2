/**
 * The three collections of ALeRCE's MongoDB as version 3.1.0 of the Python
 * package keeps them: names, fields and indexes. Its databases are read and
 * written without a change.
 *
 * What a row of `bulkInsert`, `bulkUpsert` and `getOrCreate` says besides the
 * fields goes into `extra_fields`, as there. An upsert that says anything
 * replaces the whole of what `extra_fields` held, and one that says nothing
 * leaves it; `update`, `bulkUpdate` and `updateAll` take the fields alone.
 * `loc` is computed from `meanra` and `meandec`. The Python package had no unique
 * indexes: `initdb` adds those of the keys, and names what is in the way.
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

/** The three models. */
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
