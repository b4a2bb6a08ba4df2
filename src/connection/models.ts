import { ModelError } from "../base/errors/mod.ts";
import { settingOf } from "../base/setting_name.ts";
import type { AnyModel } from "../model/types.ts";
import type { Models } from "../query/read/find.ts";

/** Returns the `MODELS` of an entry of `DB_CONFIG`. */
export function modelsOf(config: unknown): readonly AnyModel[] | undefined {
  const models = settingOf(config, "MODELS");
  return Array.isArray(models) ? models : undefined;
}

/**
 * Returns models by name.
 *
 * @throws {ModelError} if two models have the same name
 */
export function byName(models: readonly AnyModel[]): Models {
  const named = new Map<string, AnyModel>();
  for (const model of models) {
    if (named.has(model.name)) {
      throw new ModelError(
        `Cannot connect: two models have the name ${model.name}`,
      );
    }
    named.set(model.name, model);
  }
  return named;
}
