import type { AlertLimits } from "../files/read/limits.ts";
import { packetOfText } from "./json_packet.ts";
import {
  exactInteger,
  fieldError,
  isPacket,
  listOf,
  type Packet,
} from "./packet.ts";

/** One alert of Rubin Observatory (LSST), of schema 9 to 11. */
export interface LsstAlert {
  /** Identifier of the source that triggered the alert. */
  readonly diaSourceId: bigint;
  /** The source that triggered the alert. */
  readonly diaSource: Packet;
  /** Earlier sources of the object. */
  readonly prvDiaSources: readonly Packet[];
  /** Forced photometry at the position of the object. */
  readonly prvDiaForcedSources: readonly Packet[];
  /** The object, if the source belongs to one outside of the solar system. */
  readonly diaObject: Packet | null;
  /** The source as one of a solar system object. */
  readonly ssSource: Packet | null;
  /** The orbit of the solar system object; of schema 10 and later. */
  readonly mpc_orbits: Packet | null;
  /** Whether the alert has its three images: false if a field of an image is null. An alert without these fields counts as one with images that a broker removed. */
  readonly hasStamp: boolean;
}

/** The fields of the images. */
const CUTOUTS = ["cutoutDifference", "cutoutScience", "cutoutTemplate"];

/**
 * Returns the alert of a decoded packet.
 *
 * @param packet the packet as an object, with 64-bit identifiers as bigints or decimal texts
 * @throws {ValidationError} if a field is missing or wrong
 * @example
 * ```ts
 * import { alertOf } from "@alerce/db-plugins/lsst";
 * import assert from "node:assert/strict";
 *
 * const { diaSourceId, prvDiaSources } = alertOf({
 *   diaSourceId: "169813006680588318",
 *   diaSource: { diaObjectId: "169813006680588318" },
 *   prvDiaSources: null,
 * });
 * assert.equal(diaSourceId, 169813006680588318n);
 * assert.deepEqual(prvDiaSources, []);
 * ```
 */
export function alertOf(packet: unknown): LsstAlert {
  if (!isPacket(packet)) {
    throw fieldError("packet", packet, "must be an object");
  }
  const { diaSource } = packet;
  if (!isPacket(diaSource)) {
    throw fieldError("diaSource", diaSource, "must be an object");
  }
  return {
    diaSourceId: exactInteger(
      "diaSourceId",
      packet.diaSourceId ?? diaSource.diaSourceId,
    ),
    diaSource,
    prvDiaSources: listOf(packet, "prvDiaSources"),
    prvDiaForcedSources: listOf(packet, "prvDiaForcedSources"),
    diaObject: recordOf(packet, "diaObject"),
    ssSource: recordOf(packet, "ssSource"),
    mpc_orbits: recordOf(packet, "mpc_orbits"),
    hasStamp: packet.hasStamp !== false &&
      CUTOUTS.every((name) => packet[name] !== null),
  };
}

/**
 * Returns the alert of a JSON packet. Integers beyond 2^53 are read exactly,
 * from numbers and from texts.
 *
 * @param limits `maxLine`: characters of the text (default: 8 Mi); `maxValues`
 * (default: 1,000,000); and `maxLevels`: levels of nested values (default: 1,000)
 * @throws {ValidationError} if a field is missing or wrong
 * @throws {LimitError} if the text is longer, or has more values or levels
 * @example
 * ```ts
 * import { alertFromJson } from "@alerce/db-plugins/lsst";
 * import assert from "node:assert/strict";
 *
 * const { diaSourceId } = alertFromJson(
 *   '{ "diaSourceId": 169813006680588318, "diaSource": {} }',
 * );
 * assert.equal(diaSourceId, 169813006680588318n);
 * ```
 */
export function alertFromJson(
  text: string,
  limits: Pick<AlertLimits, "maxLine" | "maxValues" | "maxLevels"> = {},
): LsstAlert {
  return alertOf(packetOfText("alertFromJson", text, limits));
}

/** Whether a packet is one of LSST. */
export function isLsst(packet: unknown): packet is LsstAlert {
  return isPacket(packet) && packet.diaSource !== undefined;
}

/** Returns a record; null if it is missing, or all of its fields are null, as files of columns have it. */
function recordOf(packet: Packet, name: string): Packet | null {
  const record = packet[name] ?? null;
  if (record === null) return null;
  if (!isPacket(record)) throw fieldError(name, record, "must be an object");
  return Object.values(record).every((value) => value === null) ? null : record;
}
