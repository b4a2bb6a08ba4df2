import { type NamesOf, namesOf } from "../base/known_names.ts";
import { checkOptions } from "../query/checks/options.ts";
import type { OnConflictWait } from "../query/statement/outlast.ts";
import type { ZtfAlert } from "./ztf_alert.ts";

/** The result of an ingest. Unchanged existing rows are not counted. */
export interface IngestReport {
  /** Number of alerts written. */
  alerts: number;
  /** Number of new objects. */
  objects: number;
  /** Number of new detections. */
  detections: number;
  /** Number of new non-detections. */
  non_detections: number;
}

/** The result of an ingest into the multi-survey tables. Unchanged existing rows are not counted. */
export interface MultisurveyReport extends IngestReport {
  /** Number of new forced measurements. */
  forced: number;
}

/** An alert that was not written, because its values were refused. */
export interface RejectedAlert<Alert = ZtfAlert> {
  /** Its index in `alerts`. */
  readonly index: number;
  /** The alert, as it was given. */
  readonly alert: Alert;
  /** The fields that were refused, and why. */
  readonly problems: readonly {
    readonly field: string;
    readonly reason: string;
  }[];
}

/** Options of `ingestAlerts`. */
export interface IngestOptions<Alert = ZtfAlert, Report = IngestReport> {
  /** Alerts per transaction; 500 by default. */
  batchSize?: number;
  /**
   * The number of batches that are written at the same time, each on a connection
   * of its own; 1 by default. Alerts of one object are in the same sequence of
   * batches. With more than 1, the stored alerts need not be the first ones.
   */
  jobs?: number;
  /** Called after each batch with the totals so far. */
  onBatch?: (report: Readonly<Report>) => void;
  /**
   * Called for each alert whose values are refused, after the other alerts of its
   * batch are committed; a promise that it returns is awaited. Without it, the
   * first such alert ends the ingest.
   */
  onRejected?: (rejected: RejectedAlert<Alert>) => void | Promise<void>;
  /**
   * Called on MongoDB before a batch is written again because the transaction of
   * another writer is in its way. `waited` is the time since the first conflict, and
   * `longest` the time after which the server has ended that transaction, also if
   * its client was killed; both in milliseconds.
   */
  onWait?: OnConflictWait;
}

/** Options of `ingestAlerts` for the multi-survey tables. */
export interface MultisurveyOptions<Alert>
  extends IngestOptions<Alert, MultisurveyReport> {
  /** The tables: those of `@alerce/db-plugins/models/multisurvey`. Without it, ALeRCE's 17 tables for ZTF. */
  schema: "multisurvey";
}

const OPTIONS: NamesOf<MultisurveyOptions<unknown>> = {
  schema: true,
  batchSize: true,
  jobs: true,
  onBatch: true,
  onRejected: true,
  onWait: true,
};
const NAMES = namesOf(OPTIONS);

/**
 * Returns the schema of an ingest; undefined for ALeRCE's 17 tables.
 *
 * @throws {QueryError} if an option is wrong
 */
export function schemaOf(options: object): "multisurvey" | undefined {
  const { assertFunctions, assertWhole, oneOf } = checkOptions(options, {
    action: "ingest alerts",
    names: NAMES,
    example: "{ batchSize: 500 }",
  });
  assertWhole("batchSize");
  assertWhole("jobs");
  assertFunctions("onBatch", "onRejected", "onWait");
  return oneOf("schema", ["multisurvey"]);
}
