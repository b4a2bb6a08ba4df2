import type { Field, FieldType } from "./field.ts";
import { typeProblem } from "./value_problem.ts";

const INTEGERS = ["int16", "int32", "int64"];
const NUMBERS = ["int16", "int32", "float32", "float64"];
const TEXTS = ["string", "enum", "uuid"];

/** Whether a relation can compare values of two types: every engine finds the same ones equal. An int64 and a float are equal beyond 2^53 on some engines only. */
export function isRelatable(one: FieldType, other: FieldType): boolean {
  if (one.kind === "array" && other.kind === "array") {
    return one.item.kind === other.item.kind;
  }
  return one.kind === other.kind ||
    [INTEGERS, NUMBERS, TEXTS].some((kinds) =>
      kinds.includes(one.kind) && kinds.includes(other.kind)
    );
}

/** Returns a value of a field as the related field of another type holds it; null if that field cannot hold it, so that no row is related. */
export function relatedValue(
  from: FieldType,
  to: FieldType,
  value: unknown,
): unknown {
  if (value === null || value === undefined) return null;
  if (from.kind === to.kind && to.kind !== "enum") return value;
  switch (to.kind) {
    case "int16":
    case "int32":
    case "int64": {
      const converted = to.kind !== "int64"
        ? Number(value)
        : typeof value === "number" && Number.isInteger(value)
        ? BigInt(value)
        : value;
      return typeProblem(to, converted) === undefined ? converted : null;
    }
    case "float32":
      return Object.is(Math.fround(Number(value)), value) ? value : null;
    case "uuid":
      return typeProblem(to, value) === undefined &&
          value === String(value).toLowerCase()
        ? value
        : null;
    case "enum":
      return typeProblem(to, value) === undefined ? value : null;
    default:
      return value;
  }
}

/** Returns the keys of rows, the values of some fields, as the related fields hold them, with null in place of a value that these cannot hold. */
export function relatedKeys(
  keys: readonly (readonly unknown[])[],
  from: readonly Field[],
  to: readonly Field[],
): readonly (readonly unknown[])[] {
  const pairs = from.map(({ type }, at) =>
    [type, to[at]?.type ?? type] as const
  );
  const isSame = pairs.every(([own, other]) =>
    own === other ||
    own.kind === other.kind && own.kind !== "enum"
  );
  return isSame
    ? keys
    : keys.map((key) =>
      pairs.map(([own, other], at) => relatedValue(own, other, key[at]))
    );
}
