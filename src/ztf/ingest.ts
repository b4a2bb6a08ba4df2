import type { AlertTables } from "../alerts/batch.ts";
import { ingestBatches } from "../alerts/ingest_batches.ts";
import {
  type IngestOptions,
  type IngestReport,
  type MultisurveyOptions,
  type MultisurveyReport,
  schemaOf,
} from "../alerts/ingest_options.ts";
import type { LsstAlert } from "../alerts/lsst_alert.ts";
import type { ZtfAlert } from "../alerts/ztf_alert.ts";
import type { ValidationError } from "../base/errors/mod.ts";
import type { DatabaseConnection } from "../connection/types.ts";
import { MULTISURVEY } from "../multisurvey/tables.ts";
import { type AlertRows, alertRows } from "./alert_rows.ts";
import {
  joinRows,
  refusedRow,
  writerOf,
  type WrittenRows,
} from "./write_rows.ts";

/** ALeRCE's 17 tables. */
const TABLES: AlertTables<ZtfAlert, AlertRows, WrittenRows> = {
  none: { objects: 0, detections: 0, non_detections: 0 },
  rowsOf: alertRows,
  objectOf: ({ object: [object] }) => object?.oid ?? "",
  refusedRow,
  ownerOf,
  writerOf,
};

/**
 * Writes alerts. The resulting tables do not depend on the order of the alerts,
 * on repetitions or on concurrent processes: a detection from its own alert
 * wins over repetitions in later alerts, of which the latest wins; of
 * non-detections of one visit, the deeper limit wins. Values of a correction
 * step are kept. The number of detections, the mean position, and the first and
 * last date are derived from the stored detections.
 *
 * Each batch is one transaction; if a batch fails, earlier batches stay, and the
 * `outcome` of the error is `"unknown"`. On
 * MongoDB, the server keeps the transaction of a killed process for up to
 * `transactionLifetimeLimitSeconds`, by default a minute: a batch that it blocks
 * waits for that long.
 *
 * @param db a connection to ALeRCE's tables
 * @throws {ValidationError} if an alert cannot be written, with its index in `alerts`
 * @throws {QueryError} if an option is wrong
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { ingestAlerts, readAlerts } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ SQL: { ENGINE: "pglite", DB_NAME: "memory://" } });
 * await db.createDb();
 * const report = await ingestAlerts(db, readAlerts("examples/data/ztf_alerts_small.ndjson.gz"));
 * assert.equal(report.alerts, 78);
 * ```
 */
export function ingestAlerts(
  db: Pick<DatabaseConnection, "transaction">,
  alerts: Iterable<ZtfAlert> | AsyncIterable<ZtfAlert>,
  options?: IngestOptions,
): Promise<IngestReport>;
/**
 * Writes alerts of ZTF and LSST, also mixed, into the multi-survey tables. The resulting tables do
 * not depend on the order of the alerts, on repetitions or on concurrent
 * processes. The counts, the dates and the position of an object follow from the
 * stored rows.
 *
 * Each batch is one transaction over all tables; if a batch fails, earlier
 * batches stay, and the `outcome` of the error is `"unknown"`.
 *
 * @param db a connection to the multi-survey tables
 * @throws {ValidationError} if an alert cannot be written, with its index in `alerts`
 * @throws {QueryError} if an option is wrong
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { ingestAlerts, readAlerts } from "@alerce/db-plugins/lsst";
 * import { MULTISURVEY_MODELS } from "@alerce/db-plugins/models/multisurvey";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect(
 *   { SQL: { ENGINE: "pglite", DB_NAME: "memory://" } },
 *   { models: MULTISURVEY_MODELS },
 * );
 * await db.createDb();
 * const report = await ingestAlerts(
 *   db,
 *   readAlerts("examples/data/lsst_alerts.ndjson.gz"),
 *   { schema: "multisurvey" },
 * );
 * assert.equal(report.objects, 6);
 * ```
 */
export function ingestAlerts<Alert extends ZtfAlert | LsstAlert>(
  db: Pick<DatabaseConnection, "transaction">,
  alerts: Iterable<Alert> | AsyncIterable<Alert>,
  options: MultisurveyOptions<Alert>,
): Promise<MultisurveyReport>;
export async function ingestAlerts(
  db: Pick<DatabaseConnection, "transaction">,
  // deno-lint-ignore no-explicit-any -- the signatures above say which alerts an option takes
  alerts: Iterable<any> | AsyncIterable<any>,
  options: object = {},
): Promise<IngestReport> {
  return schemaOf(options) === "multisurvey"
    ? await ingestBatches(db, alerts, MULTISURVEY, options)
    : await ingestBatches(db, alerts, TABLES, options);
}

/** Returns the index of the alert of the row that an error of the written rows names. */
function ownerOf(
  error: ValidationError,
  each: readonly AlertRows[],
): number | undefined {
  const rowsOf = (rows: AlertRows): readonly object[] =>
    Object.entries(rows).find(([table]) => table === error.model)?.[1] ?? [];
  const row = rowsOf(joinRows(each))[error.rows[0]?.index ?? 0];
  const owner = each.findIndex((rows) =>
    row !== undefined && rowsOf(rows).includes(row)
  );
  return owner < 0 ? undefined : owner;
}
