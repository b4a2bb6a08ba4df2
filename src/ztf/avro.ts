import { alertOf, type ZtfAlert } from "./alert.ts";
import { packetsOf } from "../files/avro/container.ts";
import {
  type AlertLimits,
  type Limits,
  limitsOf,
} from "../files/read/limits.ts";
import { packetError } from "../files/read/packet_error.ts";

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
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes);
  }
  return await Array.fromAsync(
    avroAlerts(
      chunks(),
      "the Avro container",
      limitsOf("alertsFromAvro", limits),
    ),
  );
}

/** Yields the alerts of an Avro object container, block by block. */
export async function* avroAlerts(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  limits: Limits,
): AsyncGenerator<ZtfAlert> {
  let isEmpty = true;
  for await (const packet of packetsOf(chunks, source, limits)) {
    isEmpty = false;
    yield alertOf(packet);
  }
  if (isEmpty) throw packetError("contains no alert");
}
