import { decimalProblem } from "../../../base/decimal_problem.ts";
import { numericTextReader } from "./numeric.ts";
import { float64Reader, int64NumberReader } from "./scalars.ts";
import { UnreadableValue, type ValueReader } from "./value_reader.ts";

/** Reads a `numeric` as the nearest double. */
export function numericNumberReader(
  ...value: Parameters<ValueReader>
): unknown {
  const text = numericTextReader(...value);
  const number = Number(text);
  const problem = number !== 0 && Number.isFinite(number) || !/\d/.test(text)
    ? undefined
    : decimalProblem(text);
  if (problem === undefined) return number;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new UnreadableValue(
    number === 0
      ? `holds ${shown}, which is too small for a double`
      : `holds ${shown}, beyond the range of a double`,
    `To read such numbers, declare the field as z.string() with meta({ sqlType: "numeric" })`,
  );
}

/** Returns the reader of the nearest single. */
function singleReader(read: ValueReader): ValueReader {
  return (...value) => {
    const number = read(...value);
    const single = Math.fround(Number(number));
    const isKept = single === 0 ? number === 0 : Number.isFinite(single);
    if (isKept || !Number.isFinite(number)) return single;
    throw new UnreadableValue(
      single === 0
        ? `holds ${number}, which is too small for a single`
        : `holds ${number}, beyond the range of a single`,
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
