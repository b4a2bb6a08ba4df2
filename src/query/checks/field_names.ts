import { QueryError, type RowProblem } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";

/** The field of a name, or an error that says which was meant. */
export function fieldNamed(
  model: AnyModel,
  name: string,
  doing: string,
): Field {
  const field = model.byName.get(name);
  if (field !== undefined) return field;
  throw new QueryError(
    `Cannot ${doing} ${model.name}: it has no field ${name}`,
    {
      model: model.name,
      field: name,
      nearest: nearest(name, model.byName.keys()),
    },
  );
}

/**
 * Refuses attributes that are no fields.
 *
 * @throws {QueryError} naming the first and the nearest right name
 */
export function knownNames(
  model: AnyModel,
  attributes: object,
  doing: string,
): void {
  if (typeof attributes !== "object" || attributes === null) {
    throw new QueryError(
      `Cannot ${doing} ${model.name}: what is to be set is an object like { mjd: 58270.5 }`,
      { model: model.name, field: "set" },
    );
  }
  for (const name of Object.keys(attributes)) fieldNamed(model, name, doing);
}

/** A problem for each own property of a row that is no field. */
export function unknownNames(
  model: AnyModel,
  row: object,
  index: number,
): RowProblem[] {
  return Object.keys(row).filter((name) => !model.byName.has(name))
    .map((name) => {
      const close = nearest(name, model.byName.keys());
      return {
        index,
        field: name,
        value: Reflect.get(row, name),
        reason: `is not a field of ${model.name}` +
          (close === undefined ? "" : `; did you mean ${close}?`),
      };
    });
}
