/** The least value of an `int16` field. */
export const INT16_MIN = -32768;
/** The greatest value of an `int16` field. */
export const INT16_MAX = 32767;

/** The checks that tell an `int16` schema from `z.int32()`: each schema that is made from one keeps its check. */
const CHECKS = new WeakSet<object>();

/** Declares a check of zod to be that of `int16` schemas. */
export function asInt16Check<Check extends object>(check: Check): Check {
  CHECKS.add(check);
  return check;
}

/** Whether a check of a schema is that of an `int16` schema. */
export function isInt16Check(check: unknown): boolean {
  return typeof check === "object" && check !== null && CHECKS.has(check);
}
