import { type RowProblem, ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { canonical } from "../../model/canonical.ts";
import { isNotFinite, valueProblem } from "../../model/value_problem.ts";
import { unknownFields } from "../checks/field_names.ts";

/** Valid values by field. */
export type Values = ReadonlyMap<Field, unknown>;

/**
 * Returns the values of a new row: checked values, defaults, and null for missing
 * nullable fields. Fields that only the server can fill are missing.
 *
 * @throws {ValidationError} with all problems of the row
 */
export function newRow(model: AnyModel, row: object, index: number): Values {
  const values = new Map<Field, unknown>();
  const problems = unknownFields(model, row, index);
  for (const field of model.fields) {
    const given = valueOf(row, field);
    const value = given === undefined ? defaultValue(field) : given;
    if (value === undefined && field.sqlDefault !== undefined) continue;
    put(values, problems, field, value, index);
  }
  if (problems.length > 0) throw new ValidationError(model.name, problems);
  return values;
}

/**
 * Returns the values that an update sets: the checked attributes and the results
 * of `onUpdate`.
 *
 * @throws {ValidationError} with all problems of the attributes
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
 * Returns the results of `onUpdate` for the fields that a change does not set.
 *
 * @throws {ValidationError} if a result does not match its field
 */
export function onUpdateValues(
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

/** Returns the value of a field that a new row omits; undefined if the server fills it or it is required. */
export function defaultValue(field: Field): unknown {
  if (field.default !== undefined) return field.default();
  if (field.onUpdate !== undefined) return field.onUpdate();
  return field.nullable && field.sqlDefault === undefined ? null : undefined;
}

/** Returns the value of a field in a row of the caller, or undefined if it has none. */
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
  const problem = valueProblem(field, value);
  if (problem !== undefined) {
    problems.push({ index, field: field.name, value, reason: problem });
  } else values.set(field, storedValue(field, value));
}

/** Returns a valid value in the form that the database stores: {@link canonical}, and null for NaN if the model says so. */
export function storedValue(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (field.nan === "null" && isNotFinite(value)) return null;
  return canonical(field.type, value);
}
