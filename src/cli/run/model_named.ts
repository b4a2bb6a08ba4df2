import { QueryError } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Returns the model with a name, or with a table of this name.
 *
 * @param action what the command does with it, for the error: `load`
 * @throws {QueryError} if there is none
 */
export function modelNamed(
  models: readonly AnyModel[],
  name: string,
  action: string,
): AnyModel {
  const model = models.find((model) => model.name === name) ??
    models.find(({ table, label }) => table === name || label === name);
  if (model !== undefined) return model;
  const names = models.map(({ name }) => name);
  throw new QueryError(
    `Cannot ${action} ${name}: the settings have no such model`,
    { field: name, nearest: nearest(name, names) },
  );
}
