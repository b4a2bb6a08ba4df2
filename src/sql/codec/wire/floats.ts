import { numericTextReader } from "./numeric.ts";
import { float64Reader, int64NumberReader } from "./scalars.ts";
import {
  type ReadArguments,
  UnreadableValue,
  type ValueReader,
} from "./value_reader.ts";

/** Reads a `numeric` as the nearest double. */
export function numericNumberReader(...value: ReadArguments): unknown {
  const text = numericTextReader(...value);
  const number = Number(text);
  if (Number.isFinite(number) || !/\d/.test(text)) return number;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new UnreadableValue(
    `holds ${shown}, beyond the range of a double`,
    `To read such numbers, declare the field as z.string() with meta({ sqlType: "numeric" })`,
  );
}

/** Returns the reader of the nearest single. */
function singleReader(read: ValueReader): ValueReader {
  return (...value) => {
    const number = read(...value);
    const single = Math.fround(Number(number));
    if (Number.isFinite(single) || !Number.isFinite(number)) return single;
    throw new UnreadableValue(
      `holds ${number}, beyond the range of a single`,
      `To read such numbers, declare the field as z.float64()`,
    );
  };
}

/** Reads wide numbers as singles. */
export const float64AsSingleReader: ValueReader = singleReader(float64Reader);
export const numericAsSingleReader: ValueReader = singleReader(
  numericNumberReader,
);
export const int64AsSingleReader: ValueReader = singleReader(int64NumberReader);
