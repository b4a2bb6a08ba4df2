import { ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { isNotFinite, valueProblem } from "../../model/value_problem.ts";
import { unknownFields } from "../../query/checks/field_names.ts";
import { defaultValue, storedValue } from "../../query/write/values.ts";
import { type BinaryEncoder, binaryEncoder, writeNotFinite } from "./binary.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** Writes one row as a tuple of a binary COPY, or throws with every problem of the row. */
export type RowEncoder = (row: object, index: number) => void;

/** What the encoder of one column knows in advance. */
interface ColumnPlan {
  readonly field: Field;
  readonly name: string;
  readonly encode: BinaryEncoder;
  /** Whether every object has a property of this name, its own or not. */
  readonly inherited: boolean;
  readonly mayBeNull: boolean;
  readonly missing: () => unknown;
}

/**
 * The encoder of a model's rows with these columns. A property that is no field
 * is a problem.
 *
 * @param key fields by which a row is found, where they may not be null
 */
export function rowEncoder(
  model: AnyModel,
  columns: readonly Field[],
  to: ByteWriter,
  key: readonly Field[] = [],
): RowEncoder {
  const plans = columns.map((field): ColumnPlan => ({
    field,
    name: field.name,
    encode: field.refine === undefined ? binaryEncoder(field, to) : () => false,
    inherited: field.name in Object.prototype,
    mayBeNull: field.nullable && !key.includes(field),
    missing: missingOf(field),
  }));
  const encodeChecked = new Map(
    columns.map((field) => [field, binaryEncoder(field, to)]),
  );

  function writeSlowly({ field }: ColumnPlan, value: unknown): boolean {
    if (reasonToRefuse(field, value, key) !== undefined) return false;
    const kept = storedValue(field, value);
    if (kept === null) to.int32(-1);
    else if (typeof kept === "number" && isNotFinite(kept)) {
      writeNotFinite(field.type, kept, to);
    } else return encodeChecked.get(field)?.(kept) ?? false;
    return true;
  }

  return (row, index) => {
    const values = row as Readonly<Record<string, unknown>>;
    const start = to.length;
    let given = 0;
    to.int16(plans.length);
    for (const plan of plans) {
      let value = plan.inherited && !Object.hasOwn(row, plan.name)
        ? undefined
        : values[plan.name];
      if (value === undefined) value = plan.missing();
      else given++;
      const before = to.length;
      if (value === null && plan.mayBeNull) to.int32(-1);
      else if (!plan.encode(value)) {
        to.truncate(before);
        if (!writeSlowly(plan, value)) {
          to.truncate(start);
          throw problems(model, columns, key, row, index);
        }
      }
    }
    if (given !== Object.keys(row).length) {
      const unknown = unknownFields(model, row, index);
      if (unknown.length > 0) throw new ValidationError(model.name, unknown);
    }
  };
}

/** Everything that is wrong with a row. */
function problems(
  model: AnyModel,
  columns: readonly Field[],
  key: readonly Field[],
  row: object,
  index: number,
): ValidationError {
  const found = unknownFields(model, row, index);
  for (const field of columns) {
    const own = Object.hasOwn(row, field.name)
      ? Reflect.get(row, field.name)
      : undefined;
    const value: unknown = own === undefined ? defaultValue(field) : own;
    const reason = reasonToRefuse(field, value, key);
    if (reason !== undefined) {
      found.push({ index, field: field.name, value, reason });
    }
  }
  return new ValidationError(model.name, found);
}

function reasonToRefuse(
  field: Field,
  value: unknown,
  key: readonly Field[],
): string | undefined {
  return valueProblem(field, value) ??
    (key.includes(field) && (value === null || value === undefined)
      ? "is in the key by which the row is found"
      : undefined);
}

function missingOf(field: Field): () => unknown {
  if (field.default !== undefined || field.onUpdate !== undefined) {
    return () => defaultValue(field);
  }
  const constant = defaultValue(field);
  return () => constant;
}
