import type { AlertTables } from "../alerts/batch.ts";
import { ingestBatches } from "../alerts/ingest_batches.ts";
import {
  assertIngestOptions,
  type IngestOptions,
  type IngestReport,
} from "../alerts/ingest_options.ts";
import type { ZtfAlert } from "../alerts/ztf_alert.ts";
import type { ValidationError } from "../base/errors/mod.ts";
import type { DatabaseConnection } from "../connection/types.ts";
import { type AlertRows, alertRows } from "./alert_rows.ts";
import {
  joinRows,
  refusedRow,
  writeRows,
  type WrittenRows,
} from "./write_rows.ts";

/** ALeRCE's 17 tables. */
const TABLES: AlertTables<ZtfAlert, AlertRows, WrittenRows> = {
  none: { objects: 0, detections: 0, non_detections: 0 },
  rowsOf: alertRows,
  refusedRow,
  ownerOf,
  write: (tx, each) => writeRows(tx, joinRows(each)),
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
export async function ingestAlerts(
  db: Pick<DatabaseConnection, "transaction">,
  alerts: Iterable<ZtfAlert> | AsyncIterable<ZtfAlert>,
  options: IngestOptions = {},
): Promise<IngestReport> {
  assertIngestOptions(options);
  return await ingestBatches(db, alerts, TABLES, options);
}

/** Returns the index of the alert of the row of a table that an error names. */
function ownerOf(
  error: ValidationError,
  each: readonly AlertRows[],
): number | undefined {
  let left = error.rows[0]?.index ?? 0;
  const owner = each.findIndex((rows) => {
    const of = Object.entries(rows).find(([table]) => table === error.model);
    left -= of?.[1].length ?? 0;
    return left < 0;
  });
  return owner < 0 ? undefined : owner;
}
