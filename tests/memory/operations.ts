import type { AnyModel } from "@alerce/db-plugins";
import {
  type Field,
  type Operation,
  sumOutOfRange,
  type Values,
} from "@alerce/db-plugins/engine";
import { compare, type Row } from "./rows.ts";

/** Sums of int16 are below this number. */
const INT16_LIMIT = 2 ** 15;
/** Sums of int32 are below this number. */
const INT32_LIMIT = 2 ** 31;
/** Sums of int64 are below this number. */
const INT64_LIMIT = 2n ** 63n;

/** Returns the changes of a row, with the results of the operations. */
export function operated(
  model: AnyModel,
  row: Row,
  changes: Iterable<readonly [Field, unknown]>,
  operations: ReadonlyMap<Field, Operation>,
): Values {
  return new Map(Array.from(changes, ([field, value]) => {
    const operation = operations.get(field);
    return [field, newValue(model, field, operation, row[field.name], value)];
  }));
}

function newValue(
  model: AnyModel,
  field: Field,
  operation: Operation | undefined,
  stored: unknown,
  value: unknown,
): unknown {
  if (operation === undefined) return value;
  const old = stored ?? null;
  switch (operation) {
    case "ifNull":
      return old ?? value;
    case "greatest":
      return isOwn(old, value, 1) ? value : old;
    case "least":
      return isOwn(old, value, -1) ? value : old;
    case "increment":
      return old === null ? null : sum(model, field, old, value);
  }
}

/** Whether the given value replaces the stored one; null counts as missing. */
function isOwn(stored: unknown, value: unknown, sign: number): boolean {
  return stored === null ||
    (value ?? null) !== null && sign * compare(value, stored) > 0;
}

function sum(
  model: AnyModel,
  field: Field,
  stored: unknown,
  value: unknown,
): unknown {
  if (typeof stored === "number" && typeof value === "number") {
    const total = field.type.kind === "float32"
      ? Math.fround(stored + value)
      : stored + value;
    const { kind } = field.type;
    const isInteger = kind === "int16" || kind === "int32";
    const limit = kind === "int16"
      ? INT16_LIMIT
      : kind === "int32"
      ? INT32_LIMIT
      : Infinity;
    if (!isInteger && !Number.isFinite(stored)) return stored;
    if (total < limit && (isInteger ? total >= -limit : total > -limit)) {
      return total;
    }
  } else if (typeof stored === "bigint" && typeof value === "bigint") {
    const total = stored + value;
    if (total < INT64_LIMIT && total >= -INT64_LIMIT) return total;
  }
  throw sumOutOfRange(model, [field]);
}
