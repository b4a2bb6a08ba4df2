import { type RowProblem, ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { canonical } from "../../model/canonical.ts";
import { operandOf } from "../../model/expression.ts";
import { isStoredForm } from "../../model/is_stored_form.ts";
import { isLeftToServer } from "../../model/server_filling.ts";
import { isNotFinite, valueProblem } from "../../model/value_problem.ts";
import { unknownFields } from "../checks/field_names.ts";
import { assertRow } from "../checks/rows.ts";
import { unreadableRow } from "../checks/unreadable_row.ts";

/** Valid values by field. */
export type Values = ReadonlyMap<Field, unknown>;

/**
 * Returns the values of a new row: checked values, defaults, and null for missing
 * nullable fields. Fields that are left to the server are missing; an engine
 * whose server fills nothing calls {@link assertFilled}.
 *
 * @param preset values that replace those of the row
 * @param ignored a property of the row that is not a field
 * @throws {ValidationError} with all problems of the row
 */
export function newRow(
  model: AnyModel,
  row: object,
  index: number,
  preset?: Values,
  ignored?: string,
): Values {
  assertRow(model, row, index);
  const values = new Map<Field, unknown>();
  let problems: RowProblem[] = [];
  try {
    problems = unknownFields(model, row, index, ignored);
    for (const field of model.fields) {
      if (field.filled === "generated") continue;
      const given = preset?.get(field) ??
        (field.name === ignored ? undefined : valueOf(row, field));
      const value = given === undefined ? defaultValue(field) : given;
      if (value === undefined && isLeftToServer(field)) continue;
      put(values, problems, field, value, index);
    }
  } catch (error) {
    throw unreadableRow(model, row, index, error);
  }
  if (problems.length > 0) throw new ValidationError(model.name, problems);
  return values;
}

/**
 * Returns the values that an update sets: the checked attributes and the results
 * of `onUpdate`. Values of generated fields are ignored.
 *
 * @param putGiven adds an attribute; by default {@link put}, which refuses expressions
 * @throws {ValidationError} with all problems of the attributes
 */
export function changes(
  model: AnyModel,
  attributes: object,
  index: number,
  putGiven: Put = put,
): Values {
  assertRow(model, attributes, index);
  const values = new Map<Field, unknown>();
  let problems: RowProblem[] = [];
  try {
    problems = unknownFields(model, attributes, index);
    for (const field of model.fields) {
      const given = valueOf(attributes, field);
      if (field.filled === "generated" && operandOf(given) === undefined) {
        continue;
      }
      if (given !== undefined) putGiven(values, problems, field, given, index);
      else if (field.onUpdate !== undefined) {
        put(values, problems, field, field.onUpdate(), index);
      }
    }
  } catch (error) {
    throw unreadableRow(model, attributes, index, error);
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
  return field.nullable && !isLeftToServer(field) ? null : undefined;
}

/** Returns the function that returns {@link defaultValue} for each new row. */
export function defaultOf(field: Field): () => unknown {
  if (field.default !== undefined || field.onUpdate !== undefined) {
    return () => defaultValue(field);
  }
  const constant = defaultValue(field);
  return () => constant;
}

/**
 * Checks that a new row leaves no field to a server that fills nothing.
 *
 * @param engine the name of the database for messages: `MongoDB`
 * @throws {ValidationError} with the missing fields
 */
export function assertFilled(
  model: AnyModel,
  values: Values,
  index: number,
  engine: string,
): void {
  const missing = model.fields.filter((field) =>
    isLeftToServer(field) && !values.has(field)
  );
  if (missing.length === 0) return;
  throw new ValidationError(
    model.name,
    missing.map((field) => ({
      index,
      field: field.name,
      value: undefined,
      reason: unfilledText(field, engine),
    })),
  );
}

/** Returns why a field that a new row leaves to the server is required on a server that fills nothing. */
export function unfilledText({ filled }: Field, engine: string): string {
  const missing = filled === "default"
    ? "ignores sqlDefault"
    : "has no sequences";
  return `is required, because ${engine} ${missing}; give a value, or add .default() to the field`;
}

/** Returns the value of a field in a row of the caller, or undefined if it has none. */
export function valueOf(row: object, field: Field): unknown {
  return Object.hasOwn(row, field.name)
    ? Reflect.get(row, field.name)
    : undefined;
}

/**
 * Adds the value of a field to values if it is valid, or else its problem to problems.
 *
 * @internal
 */
export type Put = (
  values: Map<Field, unknown>,
  problems: RowProblem[],
  field: Field,
  value: unknown,
  index: number,
) => void;

/** The {@link Put} of plain values. */
export function put(
  values: Map<Field, unknown>,
  problems: RowProblem[],
  field: Field,
  value: unknown,
  index: number,
): void {
  if (isStoredForm(field, value)) {
    values.set(field, value);
    return;
  }
  const problem = valueProblem(field, value);
  if (problem !== undefined) {
    problems.push({ index, field: field.name, value, reason: problem });
  } else values.set(field, storedValue(field, value));
}

/** Returns a valid value in the form that the database stores: {@link canonical}, and null for NaN if the model says so. */
export function storedValue(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  return isStoredAsNull(field, value) ? null : canonical(field.type, value);
}

/** Whether the model stores null in place of a value that is not finite. */
export function isStoredAsNull({ nan }: Field, value: unknown): boolean {
  return nan === "null" && isNotFinite(value);
}
