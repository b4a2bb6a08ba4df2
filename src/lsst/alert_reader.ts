import { alertOf, type LsstAlert } from "../alerts/lsst_alert.ts";
import { messageReader } from "../files/avro/message.ts";
import { type AlertLimits, limitsOf } from "../files/read/limits.ts";

/**
 * Returns the function that reads alerts from messages of a stream: Avro with the
 * framing of Confluent's schema registry, a zero and the four bytes of a schema
 * number before the packet.
 *
 * @param schema the schema of the messages, as parsed JSON; the registry returns it for the number
 * @param limits `maxBlock`: bytes of a message; `maxValues`, and `maxLevels`
 * @throws {ValidationError} if the schema is invalid. The function throws one if a message is invalid
 * @throws {LimitError} in the function, if a message is beyond a limit
 * @example
 * ```ts
 * import { alertReader } from "@alerce/db-plugins/lsst";
 * import assert from "node:assert/strict";
 *
 * const read = alertReader({
 *   type: "record",
 *   name: "alert",
 *   fields: [
 *     { name: "diaSourceId", type: "long" },
 *     { name: "diaSource", type: { type: "map", values: "float" } },
 *   ],
 * });
 * const { diaSourceId } = read(Uint8Array.of(0, 0, 0, 4, 76, 14, 0));
 * assert.equal(diaSourceId, 7n);
 * ```
 */
export function alertReader(
  schema: unknown,
  limits: AlertLimits = {},
): (message: Uint8Array) => LsstAlert {
  const read = messageReader(schema, limitsOf("alertReader", limits));
  return (message) => alertOf(read(message));
}
