import { type RowProblem, ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { canonical } from "../../model/canonical.ts";
import { isNotFinite, valueProblem } from "../../model/value_problem.ts";
import { unknownFields } from "../checks/field_names.ts";

/** Checked values by field. */
export type Values = ReadonlyMap<Field, unknown>;

/**
 * A new row: defaults put in, null where a nullable field is not given, every
 * value checked. Fields that only the server can fill are left out.
 *
 * @throws {ValidationError} with every problem of the row
 */
export function newRow(model: AnyModel, row: object, index: number): Values {
  const values = new Map<Field, unknown>();
  const problems = unknownFields(model, row, index);
  for (const field of model.fields) {
    const given = valueOf(row, field);
    const value = given === undefined ? missing(field) : given;
    if (value === undefined && field.sqlDefault !== undefined) continue;
    put(values, problems, field, value, index);
  }
  if (problems.length > 0) throw new ValidationError(model.name, problems);
  return values;
}

/**
 * The changes that attributes make: those that are given, checked, and what
 * `onUpdate` adds.
 *
 * @throws {ValidationError} with every problem of the attributes
 */
export function changes(
  model: AnyModel,
  attributes: object,
  index: number,
): Values {
  const values = new Map<Field, unknown>();
  const problems = unknownFields(model, attributes, index);
  for (const field of model.fields) {
    const given = valueOf(attributes, field);
    if (given !== undefined) put(values, problems, field, given, index);
    else if (field.onUpdate !== undefined) {
      put(values, problems, field, field.onUpdate(), index);
    }
  }
  if (problems.length > 0) throw new ValidationError(model.name, problems);
  return values;
}

/**
 * What `onUpdate` sets in a change that gives other fields.
 *
 * @throws {ValidationError} where it makes a value that the field cannot hold
 */
export function stampsBeside(
  model: AnyModel,
  given: ReadonlySet<Field>,
): Values {
  const values = new Map<Field, unknown>();
  const problems: RowProblem[] = [];
  for (const field of model.fields) {
    if (field.onUpdate !== undefined && !given.has(field)) {
      put(values, problems, field, field.onUpdate(), 0);
    }
  }
  if (problems.length > 0) throw new ValidationError(model.name, problems);
  return values;
}

/** What a new row holds in a field that is not given; undefined where the server or nobody knows. */
export function missing(field: Field): unknown {
  if (field.default !== undefined) return field.default();
  if (field.onUpdate !== undefined) return field.onUpdate();
  return field.nullable && field.sqlDefault === undefined ? null : undefined;
}

/** A field's value in a row of the caller's; undefined where it is not given. */
export function valueOf(row: object, field: Field): unknown {
  return Object.hasOwn(row, field.name)
    ? Reflect.get(row, field.name)
    : undefined;
}

function put(
  values: Map<Field, unknown>,
  problems: RowProblem[],
  field: Field,
  value: unknown,
  index: number,
): void {
  const reason = valueProblem(field, value);
  if (reason !== undefined) {
    problems.push({ index, field: field.name, value, reason });
  } else values.set(field, stored(field, value));
}

/** A checked value as it is stored: what {@link canonical} makes of it, and null for a NaN that the model turns to null. */
export function stored(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (field.nan === "null" && isNotFinite(value)) return null;
  return canonical(field.type, value);
}
