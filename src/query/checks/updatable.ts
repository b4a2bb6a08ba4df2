import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Checks that an update sets no field that only the server writes.
 *
 * @throws {QueryError} with the first such field
 */
export function assertUpdatable(model: AnyModel, attributes: object): void {
  for (const field of model.fields) {
    if (!isNeverUpdated(field)) continue;
    if (!Object.hasOwn(attributes, field.name)) continue;
    if (Reflect.get(attributes, field.name) === undefined) continue;
    throw new QueryError(
      `Cannot update ${model.name}: ${field.name} ${neverUpdatedText(field)}`,
      { model: model.name, field: field.name },
    );
  }
}

/** Returns why only the server writes a field. */
export function neverUpdatedText({ filled }: Field): string {
  return filled === "generated"
    ? "is a generated column, whose values the server computes"
    : "is an identity GENERATED ALWAYS, which updates cannot change";
}
