import {
  QueryError,
  type RowProblem,
  suggestionText,
} from "../../base/errors/mod.ts";
import { unknownNames, valueNamed } from "../../base/known_names.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Returns the field of a name.
 *
 * @param action what the caller wants to do, for the message: `filter`
 * @throws {QueryError} with the most similar field if the name is unknown
 */
export function fieldNamed(
  model: AnyModel,
  name: string,
  action: string,
): Field {
  return valueNamed(name, model.byName, ({ nearest }) =>
    new QueryError(
      `Cannot ${action} ${model.name}: it has no field "${name}"`,
      { model: model.name, field: name, nearest },
    ));
}

/**
 * Checks that every attribute of an update is a field.
 *
 * @throws {QueryError} with the first unknown field and the most similar known one
 */
export function assertFields(model: AnyModel, attributes: object): void {
  if (typeof attributes !== "object" || attributes === null) {
    throw new QueryError(
      `Cannot update ${model.name}: the attributes must be an object like { mjd: 58270.5 }`,
      { model: model.name, field: "set" },
    );
  }
  for (const name of Object.keys(attributes)) fieldNamed(model, name, "update");
}

/** Returns one problem for each property of a row that is not a field, except one of a given name. */
export function unknownFields(
  model: AnyModel,
  row: object,
  index: number,
  ignored?: string,
): RowProblem[] {
  return unknownNames(row, model.byName, ignored).map(({ name, nearest }) => ({
    index,
    field: name,
    value: Reflect.get(row, name),
    reason: model.relations.has(name)
      ? `is a relation of ${model.name}, and a write takes fields only`
      : `is not a field of ${model.name}${suggestionText(nearest)}`,
  }));
}
