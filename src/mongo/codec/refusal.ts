import { ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { cachedByModel } from "../../model/cached_by_model.ts";
import type { AnyModel } from "../../model/types.ts";
import { derivedRefusal } from "./derived.ts";
import { encodeField } from "./encode_value.ts";
import { codecOf } from "./field_codec.ts";

/** Returns why a document cannot hold a value that is valid for the model; undefined if it can. */
function refusalOf(
  model: AnyModel,
  field: Field,
  value: unknown,
): string | undefined {
  return refusals(model).get(field.name)?.(value);
}

/** The fields with valid values that documents cannot hold, by name. */
const refusals = cachedByModel((model) =>
  new Map(model.fields.flatMap((field) => {
    const derived = derivedRefusal(model, field);
    const { refusal } = codecOf(field.type);
    if (derived === undefined && refusal === undefined) return [];
    const refusalOf = (value: unknown): string | undefined =>
      derived?.(value) ?? refusal?.(encodeField(field, value));
    return [[field.name, refusalOf]];
  }))
);

/**
 * Refuses values of a statement that documents cannot hold.
 *
 * @throws {ValidationError} with all of them
 */
export function refuseUnstorable(
  model: AnyModel,
  values: Iterable<readonly [Field, unknown]>,
  index: number,
): void {
  if (refusals(model).size === 0) return;
  const problems = [];
  for (const [field, value] of values) {
    const reason = refusalOf(model, field, value);
    if (reason === undefined) continue;
    problems.push({ index, field: field.name, value, reason });
  }
  if (problems.length > 0) throw new ValidationError(model.name, problems);
}
