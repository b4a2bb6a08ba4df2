import {
  type AlertLimits,
  beyond,
  type Limits,
  limitsOf,
} from "../files/read/limits.ts";
import { extremeNumber, parseExactJson } from "../files/read/exact_json.ts";
import { packetError } from "../files/read/packet_error.ts";

/**
 * Returns the packet of a JSON text of its own.
 *
 * @param action the function that was called, for errors
 */
export function packetOfText(
  action: string,
  text: string,
  limits: AlertLimits,
): unknown {
  const known = limitsOf(action, limits);
  if (text.length > known.maxLine) {
    throw beyond("maxLine", known, "the alert", text.length);
  }
  return packetFromJson(text, "the alert", known);
}

/** Returns the packet of a JSON text, with its position in errors. */
export function packetFromJson(
  text: string,
  position: string,
  limits: Limits,
): unknown {
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
  return packet;
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
