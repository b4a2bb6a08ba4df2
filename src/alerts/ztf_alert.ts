import type { AlertLimits } from "../files/read/limits.ts";
import { packetOfText } from "./json_packet.ts";
import {
  exactInteger,
  fieldError,
  isPacket,
  listOf,
  type Packet,
} from "./packet.ts";

/** One ZTF alert, of any schema version. */
export interface ZtfAlert {
  /** Object identifier, as in ZTF18aaxlzgi. */
  readonly objectId: string;
  /** Identifier of the alert's own candidate. */
  readonly candid: bigint;
  /** Schema version of the packet; tested with versions 1.8 to 4.02. */
  readonly schemavsn: string | undefined;
  /** The measurement that triggered the alert. */
  readonly candidate: Packet;
  /** Earlier measurements at the position: detections, and non-detections without candid. */
  readonly prv_candidates: readonly Packet[];
  /** Forced photometry at the position, of schema 4 and later. */
  readonly fp_hists?: readonly Packet[];
  /** Whether the alert has its three images: false if a field of an image is null. An alert without these fields counts as one with images that a broker removed. */
  readonly hasStamp?: boolean;
}

/** The fields of the images. */
const CUTOUTS = ["cutoutDifference", "cutoutScience", "cutoutTemplate"];

/**
 * Returns the alert of a decoded packet.
 *
 * @param packet the packet as an object, with `candid` as a bigint or a decimal text
 * @throws {ValidationError} if a field is missing or wrong
 * @example
 * ```ts
 * import { alertOf } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * const { candid } = alertOf({
 *   objectId: "ZTF18aaxlzgi",
 *   candid: "516171791415015025",
 *   candidate: {},
 * });
 * assert.equal(candid, 516171791415015025n);
 * ```
 */
export function alertOf(packet: unknown): ZtfAlert {
  const parts = partsOf("packet", packet);
  const { schemavsn } = parts;
  return {
    ...parts,
    candid: exactInteger("candid", parts.candid),
    schemavsn: typeof schemavsn === "string" ? schemavsn : undefined,
  };
}

/**
 * Returns the parts of an alert or a packet.
 *
 * @param name what it is, for errors
 * @throws {ValidationError} if it is no object, or a part is missing or wrong
 */
export function partsOf(
  name: "alert" | "packet",
  given: unknown,
): Required<Omit<ZtfAlert, "candid" | "schemavsn">> & {
  readonly candid: unknown;
  readonly schemavsn: unknown;
} {
  if (!isPacket(given)) throw fieldError(name, given, "must be an object");
  const { objectId, candidate, candid, schemavsn } = given;
  if (typeof objectId !== "string" || objectId === "") {
    throw fieldError(
      "objectId",
      objectId,
      "must be a string such as ZTF18aaxlzgi",
    );
  }
  if (!isPacket(candidate)) {
    throw fieldError("candidate", candidate, "must be an object");
  }
  return {
    ...{ objectId, candid, schemavsn, candidate },
    prv_candidates: listOf(given, "prv_candidates"),
    fp_hists: listOf(given, "fp_hists"),
    hasStamp: given.hasStamp !== false &&
      CUTOUTS.every((name) => given[name] !== null),
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
 * import { alertFromJson } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * const alert = alertFromJson(
 *   '{ "objectId": "ZTF18aaxlzgi", "candid": 516171791415015025, "candidate": { "jd": 2458270.671794 } }',
 * );
 * assert.equal(alert.candid, 516171791415015025n);
 * ```
 */
export function alertFromJson(
  text: string,
  limits: Pick<AlertLimits, "maxLine" | "maxValues" | "maxLevels"> = {},
): ZtfAlert {
  return alertOf(packetOfText("alertFromJson", text, limits));
}
