/**
 * Alerts of Rubin Observatory (LSST): reads them from Avro or JSON, turns them
 * into rows of the multi-survey tables, and writes those rows.
 *
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { ingestAlerts, readAlerts } from "@alerce/db-plugins/lsst";
 * import { AstroObject, MULTISURVEY_MODELS } from "@alerce/db-plugins/models/multisurvey";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect(
 *   { SQL: { ENGINE: "pglite", DB_NAME: "memory://" } },
 *   { models: MULTISURVEY_MODELS },
 * );
 * await db.createDb();
 * const alerts = readAlerts("examples/data/lsst_alerts.ndjson.gz");
 * await ingestAlerts(db, alerts, { schema: "multisurvey" });
 * const moving = await db.query(AstroObject).count({ filterBy: { sid: 2 } });
 * assert.equal(moving, 1);
 * ```
 *
 * @module
 */
export {
  alertFromJson,
  alertOf,
  type LsstAlert,
} from "../alerts/lsst_alert.ts";
export { type Packet } from "../alerts/packet.ts";
export { alertReader } from "./alert_reader.ts";
export { alertsFromAvro, readAlerts } from "./read_alerts.ts";
export { type AlertLimits } from "../files/read/limits.ts";
export {
  type ConflictWait,
  type OnConflictWait,
} from "../query/statement/outlast.ts";
export {
  type IngestOptions,
  type IngestReport,
  type MultisurveyOptions,
  type MultisurveyReport,
  type RejectedAlert,
} from "../alerts/ingest_options.ts";
export { ingestAlerts } from "../ztf/ingest.ts";
export { alertRows } from "./alert_rows.ts";
export { type LsstOtherRows, type LsstRows } from "../multisurvey/lsst_rows.ts";
