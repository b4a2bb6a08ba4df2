import { cachedByModel } from "./cached_by_model.ts";
import type { Field } from "./field.ts";
import { keysOf } from "./keys.ts";
import type { AnyModel } from "./types.ts";

/** Returns the field that counts the updates of a row; undefined if the model has none. */
export function versionOf(model: AnyModel): Field | undefined {
  return versions(model)[0];
}

/** Returns why a model cannot have its version fields, or undefined if it can. */
export function versionProblem(model: AnyModel): string | undefined {
  const [field, other] = versions(model);
  if (field === undefined) return undefined;
  if (other !== undefined) {
    return `a model has one version, but ${field.name} and ${other.name} are versions`;
  }
  return keysOf(model).some((key) => key.includes(field.name))
    ? `${field.name} is a version, which every update changes, and cannot be part of a key`
    : undefined;
}

/** Returns why a field cannot be a version, or undefined if it can. */
export function versionFieldProblem(
  { isVersion, type: { kind }, nullable, filled, onUpdate, refine, sqlType }:
    Field,
): string | undefined {
  if (!isVersion) return undefined;
  if (kind !== "int32" && kind !== "int64") {
    return "meta.version requires z.int32() or z.int64()";
  }
  if (/^\s*timestamp/i.test(sqlType ?? "")) {
    return "meta.version requires a column of integers";
  }
  if (nullable) return "a version is not nullable; remove .nullable()";
  if (filled !== undefined || onUpdate !== undefined) {
    return "a version is raised by each update; remove what else fills it";
  }
  return refine === undefined
    ? undefined
    : "a version takes no rules such as .min()";
}

const versions: (model: AnyModel) => readonly Field[] = cachedByModel(
  ({ fields }) => fields.filter(({ isVersion }) => isVersion),
);
