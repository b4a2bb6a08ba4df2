import type { LsstAlert } from "../alerts/lsst_alert.ts";
import { lsstRecords } from "../multisurvey/lsst_records.ts";
import { type LsstRows, lsstRows } from "../multisurvey/lsst_rows.ts";

/**
 * Returns the rows of one alert in the multi-survey tables. The row of `object`
 * is omitted: it follows from all stored rows of the object.
 *
 * @throws {ValidationError} if a field is missing or wrong
 * @example
 * ```ts
 * import { alertRows, readAlerts } from "@alerce/db-plugins/lsst";
 * import assert from "node:assert/strict";
 *
 * const [alert] = await Array.fromAsync(
 *   readAlerts("examples/data/lsst_alerts.ndjson.gz"),
 * );
 * assert.ok(alert);
 * const { detection: [detection] } = alertRows(alert);
 * assert.equal(detection?.sid, 1);
 * assert.equal(detection?.measurement_id, alert.diaSourceId);
 * ```
 */
export function alertRows(alert: LsstAlert): LsstRows {
  return lsstRows(lsstRecords(alert));
}
