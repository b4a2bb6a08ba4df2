import { type RowProblem, ValidationError } from "../base/errors/mod.ts";

/** The fields of a record in an alert packet: numbers, texts and nulls. */
export type Packet = Readonly<Record<string, unknown>>;

/** The model name of an alert in errors. */
const ALERT = "alert";

/** Whether a value is a record of a packet. */
export function isPacket(value: unknown): value is Packet {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns a list of records; none if it is null or missing.
 *
 * @throws {ValidationError} if it is no list of records
 */
export function listOf(packet: Packet, name: string): readonly Packet[] {
  const list = packet[name] ?? [];
  if (isPackets(list)) return list;
  throw fieldError(name, list, "must be a list of objects");
}

/** Whether a value is a list of records. */
function isPackets(value: unknown): value is readonly Packet[] {
  return Array.isArray(value) && value.every(isPacket);
}

/**
 * Returns a 64-bit integer as a bigint.
 *
 * @throws {ValidationError} if it is no whole number, or has lost digits
 */
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
