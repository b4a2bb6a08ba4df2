import type { FieldType } from "../../model/field.ts";
import type { Field } from "../../model/field.ts";
import { storedValue } from "../../query/write/values.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A value that was checked, as a document of the driver's holds it. A bigint is a 64-bit integer to the driver. */
export function valueIn(type: FieldType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "int32":
      // -0 would be written as a double.
      return value === 0 ? 0 : value;
    case "json":
      return plainJson(value);
    case "array":
      return needsNoChange(type.item) || !Array.isArray(value)
        ? value
        : value.map((item) => valueIn(type.item, item));
    default:
      return value;
  }
}

/** What a field holds of a value that was checked: canonical, and as the driver takes it. */
export function kept(field: Field, value: unknown): unknown {
  return valueIn(field.type, storedValue(field, value));
}

/** A value as JSON has it. Objects that the driver would take for one of its own types become maps, which it writes as they are. */
export function plainJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const text = JSON.stringify(value);
  return JSON.parse(
    text,
    text.includes('"_bsontype"')
      ? (_key, inner) =>
        isTagged(inner) ? new Map(Object.entries(inner)) : inner
      : undefined,
  );
}

/** Whether two values of a type, as documents hold them, are the same. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right || Object.is(left, right)) return true;
  if (left === null || right === null) return false;
  if (typeof left !== "object" || typeof right !== "object") {
    // A whole number of the database's own may be of any width.
    return isNumeric(left) && isNumeric(right) && left <= right &&
      left >= right;
  }
  if (left instanceof Date || right instanceof Date) {
    return left instanceof Date && right instanceof Date &&
      left.getTime() === right.getTime();
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, place) => same(item, right[place]));
  }
  const [a, b] = [entriesOf(left), entriesOf(right)];
  return a.size === b.size &&
    [...a].every(([key, item]) => b.has(key) && same(item, b.get(key)));
}

/** What a document holds that is not null, as rows have it; undefined where its type is another. */
export function valueRead(type: FieldType, value: unknown): unknown {
  switch (type.kind) {
    case "int64":
      if (typeof value === "bigint") return value;
      return Number.isSafeInteger(value) ? BigInt(Number(value)) : undefined;
    case "int32": {
      const number = isNumeric(value) ? Number(value) : NaN;
      return (number | 0) === number ? number : undefined;
    }
    case "float32":
    case "float64":
      return isNumeric(value) ? Number(value) : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "date":
      // One beyond what a Date can be is none.
      return value instanceof Date && !Number.isNaN(value.getTime())
        ? value
        : undefined;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "enum":
    case "uuid":
      return isStoredText(type, value) ? value : undefined;
    case "json":
      return jsonOut(value);
    case "array": {
      if (!Array.isArray(value)) return undefined;
      const items = value.map((item) => itemRead(type, item));
      return items.includes(undefined) ? undefined : items;
    }
  }
}

/** An item of an array that a document holds, as rows have it; undefined where it is none. */
export function itemRead(
  { item: type, nullableItems }: Extract<FieldType, { kind: "array" }>,
  item: unknown,
): unknown {
  if (item !== null && item !== undefined) return valueRead(type, item);
  return nullableItems ? null : undefined;
}

/** Whether a value is text that an enum, or a UUID's field, takes. */
export function isStoredText(
  type: FieldType,
  value: unknown,
): value is string {
  if (typeof value !== "string") return false;
  return type.kind === "enum" ? type.values.includes(value) : UUID.test(value);
}

/** JSON has one kind of number, and no kinds of the driver's. */
function jsonOut(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  // As JSON writes a date.
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map(jsonOut);
  // Keys such as $ref make the driver read a reference, which says what it was.
  const plain: object = "_bsontype" in value && "toJSON" in value &&
      typeof value.toJSON === "function"
    ? value.toJSON()
    : value;
  if (typeof plain !== "object") return plain;
  return Object.fromEntries(
    Object.entries(plain).map(([key, item]) => [key, jsonOut(item)]),
  );
}

function needsNoChange({ kind }: FieldType): boolean {
  return kind !== "json" && kind !== "array" && kind !== "int32";
}

function isTagged(value: unknown): value is object {
  return typeof value === "object" && value !== null && "_bsontype" in value;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  return value instanceof Map ? value : new Map(Object.entries(value));
}
