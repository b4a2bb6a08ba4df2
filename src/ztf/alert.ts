import { type RowProblem, ValidationError } from "../base/errors/mod.ts";
import {
  type AlertLimits,
  beyond,
  type Limits,
  limitsOf,
} from "../files/read/limits.ts";
import { extremeNumber, parseExactJson } from "../files/read/exact_json.ts";
import { packetError } from "../files/read/packet_error.ts";

/** The fields of a candidate in an alert packet: numbers, texts and nulls. */
export type Packet = Readonly<Record<string, unknown>>;

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
}

/** The model name of an alert in errors. */
const ALERT = "alert";

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
): Pick<ZtfAlert, "objectId" | "candidate" | "prv_candidates"> & {
  readonly candid: unknown;
  readonly schemavsn: unknown;
} {
  if (!isPacket(given)) throw fieldError(name, given, "must be an object");
  const { objectId, candidate, candid, schemavsn } = given;
  const { prv_candidates: previous = null } = given;
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
  if (previous !== null && !isPackets(previous)) {
    throw fieldError("prv_candidates", previous, "must be a list of objects");
  }
  const prv_candidates = previous ?? [];
  return { objectId, candid, schemavsn, candidate, prv_candidates };
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
  const known = limitsOf("alertFromJson", limits);
  if (text.length > known.maxLine) {
    throw beyond("maxLine", known, "the alert", text.length);
  }
  return packetFromJson(text, "the alert", known);
}

/** Returns the alert of a JSON packet, with its position in errors. */
export function packetFromJson(
  text: string,
  position: string,
  limits: Limits,
): ZtfAlert {
  let packet: unknown;
  try {
    packet = parseExactJson(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    // The reviver overflows the stack at some thousands of levels.
    throw error instanceof RangeError
      ? beyond("maxLevels", limits, position)
      : packetError(extremeNumber(error) ?? "is not valid JSON", error);
  }
  if (
    hasMore(text, "[{", limits.maxLevels) &&
    exceedsLevels(packet, limits.maxLevels)
  ) throw beyond("maxLevels", limits, position);
  // Each value takes two characters with its comma.
  if (
    text.length > limits.maxValues * 2 &&
    valuesIn(packet, limits.maxValues) > limits.maxValues
  ) throw beyond("maxValues", limits, position);
  return alertOf(packet);
}

/** Whether a text has more than `most` of some characters. */
function hasMore(text: string, characters: string, most: number): boolean {
  let count = 0;
  for (const character of characters) {
    let at = text.indexOf(character);
    for (; at >= 0 && count <= most; count++) {
      at = text.indexOf(character, at + 1);
    }
  }
  return count > most;
}

/** Counts values, up to a few more than the most. */
function valuesIn(value: unknown, most: number): number {
  let count = 1;
  if (typeof value !== "object" || value === null) return count;
  for (const part of Object.values(value)) {
    if (count > most) break;
    count += valuesIn(part, most - count);
  }
  return count;
}

function exceedsLevels(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels <= 0) return true;
  const parts: readonly unknown[] = Array.isArray(value)
    ? value
    : Object.values(value);
  for (const part of parts) {
    if (
      typeof part === "object" && part !== null &&
      exceedsLevels(part, levels - 1)
    ) return true;
  }
  return false;
}

/** Returns a 64-bit integer as a bigint. */
export function exactInteger(field: string, value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  if (typeof value === "string" && /^-?\d{1,20}$/.test(value)) {
    return BigInt(value);
  }
  throw fieldError(
    field,
    value,
    typeof value === "number" && Number.isInteger(value)
      ? "is a number beyond 2^53, which has already lost digits; pass a bigint or a string"
      : "must be a whole number",
  );
}

/** Returns the error for one field of an alert. */
export function fieldError(
  field: string,
  value: unknown,
  reason: string,
): ValidationError {
  const problem: RowProblem = { index: 0, field, value, reason };
  return new ValidationError(ALERT, [problem], { outcome: "" });
}

/** Returns the error with another index of its rows, and an addition to their reasons. */
export function withIndex(
  error: ValidationError,
  index: number,
  addition = "",
): ValidationError {
  const rows = error.rows.map((problem): RowProblem => ({
    ...problem,
    index,
    reason: `${problem.reason}${addition}`,
  }));
  return new ValidationError(error.model, rows, {
    cause: error.cause,
    outcome: "",
  });
}

function isPacket(value: unknown): value is Packet {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPackets(value: unknown): value is readonly Packet[] {
  return Array.isArray(value) && value.every(isPacket);
}
