import type { Field } from "../../model/field.ts";
import type { ColumnForm } from "../codec/stored_form.ts";
import { INFINITE_TIME, microsecondsOf } from "../../model/exact_date.ts";

/**
 * How the values of a field are coarser than those of its column: a `Date`
 * without the microseconds of the column stands for its millisecond, and a float
 * for every number that is read as it.
 */
export type Coarseness = "millisecond" | "single" | "double";

const NUMERIC = /^\s*(?:numeric|decimal)\b/i;
const WIDE_FLOAT = /^\s*(?:double\b|float8\b|float\b)/i;
/** Types of times with three or fewer decimals. */
const COARSE_TIME = /^\s*(?:date\b|time\w*\s*\(\s*[0-3]\s*\))/i;

/**
 * Returns how a field is coarser than its column; undefined if each value of the column has its own value of the field.
 *
 * @param column what the database says about the column, if it is known
 */
export function coarsenessOf(
  { type: { kind }, sqlType = "" }: Field,
  column: ColumnForm | undefined,
): Coarseness | undefined {
  const spelled = column?.baseSqlType ?? sqlType;
  switch (kind) {
    case "date":
      return COARSE_TIME.test(spelled) ? undefined : "millisecond";
    case "float64":
      return NUMERIC.test(spelled) ? "double" : undefined;
    case "float32":
      return NUMERIC.test(spelled) || WIDE_FLOAT.test(spelled)
        ? "single"
        : undefined;
    default:
      return undefined;
  }
}

/** Whether a value stands for a whole millisecond: a `Date` that was not read from a column with microseconds, and is finite. */
export function isMillisecond(value: unknown): value is Date {
  return value instanceof Date && microsecondsOf(value) === undefined &&
    Math.abs(value.getTime()) !== INFINITE_TIME;
}

/** Returns how some values of a field are coarser than its column; undefined if none of them is. */
export function coarsenessIn(
  field: Field,
  column: ColumnForm | undefined,
  values: readonly unknown[],
): Coarseness | undefined {
  const coarseness = coarsenessOf(field, column);
  return coarseness !== "millisecond" || values.some(isMillisecond)
    ? coarseness
    : undefined;
}

/** Returns the floats next to a float, below and above, within the range of the numbers that are read as it; undefined if there is none. */
export function neighbors(
  value: number,
  coarseness: "single" | "double",
): { readonly below: number; readonly above: number } | undefined {
  if (!Number.isFinite(value)) return undefined;
  const [below, above] = [neighbor(value, -1n), neighbor(value, 1n)];
  if (coarseness === "double") return finite(below, above);
  // A quarter of the distance of singles lies within the next one.
  const step = Math.max(Math.abs(value) * 2 ** -23, 2 ** -149);
  return finite(value - step, value + step);
}

function finite(
  below: number,
  above: number,
): { readonly below: number; readonly above: number } | undefined {
  return Number.isFinite(below) && Number.isFinite(above)
    ? { below, above }
    : undefined;
}

/** Returns the next double in a direction. The bits of doubles of one sign are ordered as the doubles are. */
function neighbor(value: number, direction: 1n | -1n): number {
  if (value === 0) return Number(direction) * Number.MIN_VALUE;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const step = value > 0 ? direction : -direction;
  bits.setBigInt64(0, bits.getBigInt64(0) + step);
  return bits.getFloat64(0);
}

/**
 * The least number that is read as infinity, and the greatest one that is read
 * as zero: half of the distance beyond the range of the type. PostgreSQL refuses to
 * cast them.
 */
const LIMITS = {
  single: { above: "3.4028235677973366e38", below: "7.0064923216240854e-46" },
  double: {
    above: "1.797693134862315807e308",
    below: "2.47032822920623273e-324",
  },
};

/** Returns SQL for the float as which a column is read: the nearest one, which is infinite or zero for a number beyond the range. */
export function readAsFloat(
  column: string,
  coarseness: "single" | "double",
): string {
  const { above, below } = LIMITS[coarseness];
  const type = coarseness === "single" ? "real" : "double precision";
  // A numeric becomes a single by way of a double, as it does when it is read.
  const value = coarseness === "single"
    ? `cast(cast(${column} as double precision) as real)`
    : `cast(${column} as double precision)`;
  return `(case when abs(${column}) >= ${above} and ${column} <> 'NaN' then cast(case when ${column} > 0 then 'inf' else '-inf' end as ${type}) when abs(${column}) <= ${below} then 0 else ${value} end)`;
}
