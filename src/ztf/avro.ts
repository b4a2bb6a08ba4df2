import { alertsOfBytes } from "../alerts/avro_alerts.ts";
import { alertOf, type ZtfAlert } from "../alerts/ztf_alert.ts";
import { type AlertLimits, limitsOf } from "../files/read/limits.ts";

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
 * import { alertsFromAvro } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(alertsFromAvro(new Uint8Array(8)), ValidationError);
 * ```
 */
export async function alertsFromAvro(
  bytes: Uint8Array,
  limits: AlertLimits = {},
): Promise<readonly ZtfAlert[]> {
  return await alertsOfBytes(
    bytes,
    limitsOf("alertsFromAvro", limits),
    alertOf,
  );
}
