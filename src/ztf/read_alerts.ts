import { alertsOf } from "../alerts/read_alerts.ts";
import { alertOf, type ZtfAlert } from "../alerts/ztf_alert.ts";
import { type AlertLimits, limitsOf } from "../files/read/limits.ts";

/**
 * Reads the alerts of a file: `.avro`, `.json`, or one JSON object a line in
 * `.ndjson` or `.ndjson.gz`. A file is read lazily: block by block, or line by
 * line.
 *
 * @param path the file, relative to the current folder
 * @param limits what a line, a block, and a packet may contain at most
 * @throws {ValidationError} if an alert cannot be read, with the file and the line
 * @throws {LimitError} if the file exceeds a limit, with the file and the line or block
 * @example
 * ```ts
 * import { LimitError } from "@alerce/db-plugins";
 * import { readAlerts } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * const alerts = readAlerts("examples/data/ztf_alerts_small.ndjson.gz", {
 *   maxLine: 1_000,
 * });
 * await assert.rejects(Array.fromAsync(alerts), LimitError);
 * ```
 */
export async function* readAlerts(
  path: string,
  limits: AlertLimits = {},
): AsyncGenerator<ZtfAlert> {
  yield* alertsOf(path, limitsOf("readAlerts", limits), alertOf);
}
