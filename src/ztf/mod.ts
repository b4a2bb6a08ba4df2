/**
 * ZTF alerts: reads them from Avro or JSON, turns them into rows of ALeRCE's
 * tables, writes those rows, and reads light curves back.
 *
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { alertFromJson, ingestAlerts, lightcurve } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * const alert = alertFromJson(`{
 *   "objectId": "ZTF18aaxlzgi", "candid": 516171791415015025,
 *   "candidate": { "jd": 2458270.5, "fid": 2, "pid": 516171791415, "isdiffpos": "t", "ra": 176.86, "dec": 15.46,
 *     "magpsf": 19.87, "sigmapsf": 0.17, "rfid": 575120214, "ranr": 176.86, "decnr": 15.46,
 *     "jdstartref": 2458155.9, "jdendref": 2458186.85, "nframesref": 20, "nmtchps": 6 }
 * }`);
 *
 * await using db = await connect({ SQL: { ENGINE: "pglite", DB_NAME: "memory://" } });
 * await db.createDb();
 * await ingestAlerts(db, [alert]);
 * const { detections } = await lightcurve(db, "ZTF18aaxlzgi");
 * assert.deepEqual(detections.map(({ mjd }) => mjd), [58270]);
 * ```
 *
 * @module
 */
export { type Packet } from "../alerts/packet.ts";
export { alertFromJson, alertOf, type ZtfAlert } from "../alerts/ztf_alert.ts";
export { ztfObjectId, ztfOid } from "../alerts/ztf_oid.ts";
export { alertsFromAvro } from "./avro.ts";
export { readAlerts } from "./read_alerts.ts";
export { type AlertLimits } from "../files/read/limits.ts";
export {
  type ConflictWait,
  type OnConflictWait,
} from "../query/statement/outlast.ts";
export {
  type IngestOptions,
  type IngestReport,
  type RejectedAlert,
} from "../alerts/ingest_options.ts";
export { ingestAlerts } from "./ingest.ts";
export { type LightCurve, lightcurve, type Queries } from "./lightcurve.ts";
export { type AlertRows, alertRows } from "./alert_rows.ts";
