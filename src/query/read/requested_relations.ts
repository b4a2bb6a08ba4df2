import { QueryError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Returns the names of `["detections"]`, each with the value true, or the names
 * and values of `{ detections: true }`.
 *
 * @param option the option with this value
 * @param action what the call does with the relations, as messages name it before the model
 * @throws {QueryError} if the value is neither an array nor an object
 */
export function requestedRelations(
  model: AnyModel,
  value: unknown,
  option: "include" | "counts",
  action: string,
): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) {
    return [...new Set(value.map(String))].map((name) => [name, true]);
  }
  if (isPlain(value)) return Object.entries(value);
  throw new QueryError(
    `Cannot ${action} ${model.name}: ${option} must be an array of relation names, or an object like { name: true }`,
    { model: model.name, field: option },
  );
}
