import { DbPluginsError } from "../../base/errors/mod.ts";
import { beyond, type Limits } from "../read/limits.ts";
import { packetError } from "../read/packet_error.ts";
import { cursorOf } from "./cursor.ts";
import { SCHEMA_LEVELS, schemaReader } from "./schema.ts";

/** Bytes before a packet: a zero, and the number of the schema in a registry. */
const FRAME_BYTES = 5;
const SOURCE = "the message";

/**
 * Returns the function that decodes messages with the framing of Confluent's
 * schema registry.
 *
 * @param schema the schema of the messages, as parsed JSON
 * @throws {ValidationError} if the schema is invalid. The function throws one if a message is invalid
 * @throws {LimitError} in the function, if a message is beyond a limit
 */
export function messageReader(
  schema: unknown,
  limits: Limits,
): (message: Uint8Array) => unknown {
  const read = schemaReader(schema, SCHEMA_LEVELS, {
    tooMany: () => {
      throw beyond("maxValues", limits, SOURCE);
    },
    tooDeep: () => {
      throw beyond("maxLevels", limits, SOURCE);
    },
  });
  return (message) => {
    if (!(message instanceof Uint8Array) || message[0] !== 0) {
      throw packetError(
        "is not a message with the framing of a schema registry: bytes that begin with a zero",
      );
    }
    if (message.length > limits.maxBlock) {
      throw beyond("maxBlock", limits, SOURCE, message.length);
    }
    const from = cursorOf(message);
    from.at = FRAME_BYTES;
    from.values = limits.maxValues;
    try {
      const packet = read(from, limits.maxLevels);
      if (from.at === message.length) return packet;
    } catch (error) {
      if (error instanceof DbPluginsError) throw error;
      throw packetError("does not match the schema", error);
    }
    throw packetError("is longer than the schema says");
  };
}
