import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { versionOf } from "../../model/version.ts";

/**
 * Checks that an update sets no field that only the server writes, and no version.
 *
 * @throws {QueryError} with the first such field
 */
export function assertUpdatable(model: AnyModel, attributes: object): void {
  refuseVersion(model, attributes);
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

/**
 * Checks that an update does not set the version, which it raises itself.
 *
 * @throws {QueryError} with the version
 */
function refuseVersion(model: AnyModel, attributes: object): void {
  const version = versionOf(model);
  if (version === undefined) return;
  const { name } = version;
  if (!Object.hasOwn(attributes, name)) return;
  if (Reflect.get(attributes, name) === undefined) return;
  throw new QueryError(
    `Cannot update ${model.name}: ${name} is the version of the row, which every update raises by 1; leave it out`,
    { model: model.name, field: name },
  );
}

/** Returns why only the server writes a field. */
export function neverUpdatedText({ filled }: Field): string {
  return filled === "generated"
    ? "is a generated column, whose values the server computes"
    : "is an identity GENERATED ALWAYS, which updates cannot change";
}
