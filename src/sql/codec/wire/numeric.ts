import type { Buffer } from "node:buffer";
import { UnreadableValue } from "./value_reader.ts";

const NEGATIVE = 0x4000;
/** The signs of values without digits. */
const SPECIAL: Readonly<Record<number, string>> = {
  0xc000: "NaN",
  0xd000: "Infinity",
  0xf000: "-Infinity",
};

/**
 * Reads a numeric as text, with all its digits. Its binary format holds the
 * number of digits to base 10,000, the power of the first one, the sign, the
 * number of decimals to show, and the digits, without leading and trailing zeros.
 */
export function numericTextReader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): string {
  if (length < 8) throw new UnreadableValue(`has ${length} bytes`);
  const count = view.getInt16(at);
  const weight = view.getInt16(at + 2);
  const sign = view.getUint16(at + 4);
  const decimals = view.getInt16(at + 6);
  const special = SPECIAL[sign];
  if (special !== undefined) return special;
  const digit = (power: number): string => {
    const index = weight - power;
    return index < 0 || index >= count
      ? "0000"
      : String(view.getInt16(at + 8 + index * 2)).padStart(4, "0");
  };
  let text = sign === NEGATIVE ? "-" : "";
  if (weight < 0) text += "0";
  for (let power = weight; power >= 0; power--) {
    text += power === weight ? String(Number(digit(power))) : digit(power);
  }
  if (decimals === 0) return text;
  let fraction = "";
  for (let power = -1; fraction.length < decimals; power--) {
    fraction += digit(power);
  }
  return `${text}.${fraction.slice(0, decimals)}`;
}
