import { alertsOfBytes } from "../alerts/avro_alerts.ts";
import { alertOf, type LsstAlert } from "../alerts/lsst_alert.ts";
import { alertsOf } from "../alerts/read_alerts.ts";
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
 * import { readAlerts } from "@alerce/db-plugins/lsst";
 * import assert from "node:assert/strict";
 *
 * const alerts = await Array.fromAsync(
 *   readAlerts("examples/data/lsst_alerts.ndjson.gz"),
 * );
 * assert.equal(alerts[0]?.diaSource.band, "i");
 * ```
 */
export async function* readAlerts(
  path: string,
  limits: AlertLimits = {},
): AsyncGenerator<LsstAlert> {
  yield* alertsOf(path, limitsOf("readAlerts", limits), alertOf);
}

/**
 * Returns the alerts of an Avro object container. The schema in the container
 * is used, so packets of every schema version can be read. Blocks may be
 * uncompressed, or compressed with deflate.
 *
 * @param bytes the complete container
 * @param limits `maxBlock`, `maxValues`, `maxLevels`, and `maxRatio`
 * @throws {ValidationError} if the container is invalid, truncated or empty
 * @throws {LimitError} if the container exceeds a limit
 * @example
 * ```ts
 * import { ValidationError } from "@alerce/db-plugins";
 * import { alertsFromAvro } from "@alerce/db-plugins/lsst";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(alertsFromAvro(new Uint8Array(8)), ValidationError);
 * ```
 */
export async function alertsFromAvro(
  bytes: Uint8Array,
  limits: AlertLimits = {},
): Promise<readonly LsstAlert[]> {
  return await alertsOfBytes(
    bytes,
    limitsOf("alertsFromAvro", limits),
    alertOf,
  );
}
