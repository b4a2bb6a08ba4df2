import { ModelError } from "../base/errors/mod.ts";
import { settingOf } from "../base/setting_name.ts";
import { valueText } from "../model/option_shape.ts";
import type { AnyModel } from "../model/types.ts";
import { isModel } from "../query/checks/model.ts";
import type { Models } from "../query/statement/models.ts";

/** Returns the `MODELS` of an entry of `DB_CONFIG`. */
export function modelsOf(config: unknown): readonly AnyModel[] | undefined {
  const models = settingOf(config, "MODELS");
  return Array.isArray(models) ? models : undefined;
}

/**
 * Returns models by name.
 *
 * @throws {ModelError} if two models have the same name, or a value is not a model
 */
export function byName(models: readonly AnyModel[]): Models {
  if (!Array.isArray(models)) {
    throw new ModelError(
      `Cannot connect: models must be an array of models, like [Star]; got ${
        valueText(models)
      }`,
    );
  }
  const named = new Map<string, AnyModel>();
  for (const model of models) {
    if (!isModel(model)) {
      throw new ModelError(
        `Cannot connect: models must be an array of models, like [Star]; it contains ${
          valueText(model)
        }`,
      );
    }
    if (named.has(model.name)) {
      throw new ModelError(
        `Cannot connect: two models have the name ${model.name}`,
      );
    }
    named.set(model.name, model);
  }
  return named;
}
