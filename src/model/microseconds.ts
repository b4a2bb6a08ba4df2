import type { Field, FieldType } from "./field.ts";

/** `timestamp`, `timestamptz`, and their long forms. */
const TIMESTAMP = /^\s*timestamp/i;
/** The earliest time of a PostgreSQL timestamp, 4714-11-24 BC, in microseconds since 1970. */
export const EARLIEST_MICROSECONDS = -210_866_803_200_000_000n;
/** The bigints that stand for `infinity` and `-infinity`: the limits of 64 bits. */
export const INFINITE_MICROSECONDS = 9_223_372_036_854_775_807n;
export const NEGATIVE_INFINITE_MICROSECONDS = -9_223_372_036_854_775_808n;

/** Whether a field holds the times of a timestamp column as bigints: microseconds since 1970-01-01 UTC. */
export function holdsMicroseconds(
  { type, sqlType }: {
    readonly type: FieldType;
    readonly sqlType?: string | undefined;
  },
): boolean {
  return sqlType !== undefined && TIMESTAMP.test(sqlType) &&
    (type.kind === "array" ? type.item : type).kind === "int64";
}

/** Returns why a value of such a field is no time, or undefined if it is. */
export function microsecondsProblem(
  field: Field,
  value: unknown,
): string | undefined {
  if (field.sqlType === undefined || !holdsMicroseconds(field)) {
    return undefined;
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.some((time) =>
      typeof time === "bigint" && time < EARLIEST_MICROSECONDS &&
      time !== NEGATIVE_INFINITE_MICROSECONDS
    )
    ? "is before 4714-11-24 BC, in microseconds since 1970"
    : undefined;
}
