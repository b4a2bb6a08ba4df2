import { type RowProblem, ValidationError } from "../base/errors/mod.ts";

/** Fields of a candidate as a packet has them: numbers, texts, null where there is nothing to say. */
export type Packet = Readonly<Record<string, unknown>>;

/** One ZTF alert, of whichever schema version. */
export interface ZtfAlert {
  /** Object identifier, as in ZTF18aaxlzgi. */
  readonly objectId: string;
  /** The alert's own candidate's identifier. */
  readonly candid: bigint;
  /** Version of the packet's schema; versions 1.8 to 4.02 are known to be read rightly. */
  readonly schemavsn: string | undefined;
  /** The measurement that made the alert. */
  readonly candidate: Packet;
  /** Earlier measurements at the position: detections, and non-detections, which have no candid. */
  readonly prv_candidates: readonly Packet[];
}

/** What an alert is called in errors. */
const ALERT = "alert";

/**
 * An alert out of what a decoder made of a packet.
 *
 * @param packet the packet as an object; `candid` a bigint or a decimal text
 * @throws {ValidationError} naming the field that is missing or wrong
 */
export function alertOf(packet: unknown): ZtfAlert {
  if (!isPacket(packet)) {
    throw wrong("packet", packet, "must be an object");
  }
  const { objectId, candidate, prv_candidates: previous = null } = packet;
  if (typeof objectId !== "string" || objectId === "") {
    throw wrong("objectId", objectId, "must be a text such as ZTF18aaxlzgi");
  }
  if (!isPacket(candidate)) {
    throw wrong("candidate", candidate, "must be an object");
  }
  if (previous !== null && !isPackets(previous)) {
    throw wrong("prv_candidates", previous, "must be a list of objects");
  }
  const { schemavsn } = packet;
  return {
    objectId,
    candid: exactInteger("candid", packet.candid),
    schemavsn: typeof schemavsn === "string" ? schemavsn : undefined,
    candidate,
    prv_candidates: previous ?? [],
  };
}

/**
 * An alert out of JSON. Integers that a number cannot hold are read exactly,
 * written as numbers or as texts.
 *
 * @throws {ValidationError} naming the field that is missing or wrong
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
export function alertFromJson(text: string): ZtfAlert {
  let packet: unknown;
  try {
    packet = JSON.parse(text.replace(/^\uFEFF/, ""), exactly);
  } catch (error) {
    throw new ValidationError(ALERT, [{
      index: 0,
      field: "packet",
      value: undefined,
      reason: "is no JSON",
    }], { cause: error });
  }
  return alertOf(packet);
}

/** A 64-bit integer, exact. */
export function exactInteger(field: string, value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return BigInt(value);
  }
  if (typeof value === "string" && /^-?\d+$/.test(value)) return BigInt(value);
  throw wrong(
    field,
    value,
    typeof value === "number" && Number.isInteger(value)
      ? "is a number beyond 2^53, which has lost digits already; pass a bigint or a text"
      : "must be a whole number",
  );
}

/** The error for one field of an alert. */
export function wrong(
  field: string,
  value: unknown,
  reason: string,
): ValidationError {
  const problem: RowProblem = { index: 0, field, value, reason };
  return new ValidationError(ALERT, [problem]);
}

/** The error with another place for its rows, and what their reasons end in. */
export function placed(
  error: ValidationError,
  index: number,
  end = "",
): ValidationError {
  const rows = error.rows.map((problem): RowProblem => ({
    ...problem,
    index,
    reason: `${problem.reason}${end}`,
  }));
  return new ValidationError(error.model, rows, { cause: error.cause });
}

/** Keeps an integer whose digits a number would lose. */
function exactly(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  return typeof value === "number" && Number.isInteger(value) &&
      !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
    ? BigInt(context?.source ?? 0)
    : value;
}

function isPacket(value: unknown): value is Packet {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPackets(value: unknown): value is readonly Packet[] {
  return Array.isArray(value) && value.every(isPacket);
}
