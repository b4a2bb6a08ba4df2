import { ModelError } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import type { Models } from "../query/read/find.ts";
import { settingOf } from "../base/setting_name.ts";

/** The models that an entry of `DB_CONFIG` brings along. */
export function modelsOf(config: unknown): readonly AnyModel[] | undefined {
  const models = settingOf(config, "MODELS");
  return Array.isArray(models) ? models : undefined;
}

/** Models by name; two of one name are a {@link ModelError}. */
export function byName(models: readonly AnyModel[]): Models {
  const named = new Map<string, AnyModel>();
  for (const model of models) {
    if (named.has(model.name)) {
      throw new ModelError(`Two models are named ${model.name}`);
    }
    named.set(model.name, model);
  }
  return named;
}
