import { ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { derivedRefusal } from "./derived.ts";
import { encodeField } from "./encode_value.ts";
import { codecOf } from "./field_codec.ts";

/** Returns why a document cannot hold a value that is valid for the model; undefined if it can. */
export function refusalOf(
  model: AnyModel,
  field: Field,
  value: unknown,
): string | undefined {
  const { refusal } = codecOf(field.type);
  return derivedRefusal(model, field)?.(value) ??
    refusal?.(encodeField(field, value));
}

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
  const problems = [];
  for (const [field, value] of values) {
    const reason = refusalOf(model, field, value);
    if (reason === undefined) continue;
    problems.push({ index, field: field.name, value, reason });
  }
  if (problems.length > 0) throw new ValidationError(model.name, problems);
}
