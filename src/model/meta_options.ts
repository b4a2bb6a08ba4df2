import { ModelError } from "../base/errors/mod.ts";
import type { FieldType, NanRule } from "./field.ts";
import type { MetaKey } from "./meta_keys.ts";
import { spelledType } from "./sql_type.ts";

/** The values of `.meta()` of a field. */
type Meta = Readonly<Record<string, unknown>>;

/** Returns a text of `.meta()`. */
export function textOption(
  path: string,
  meta: Meta,
  key: MetaKey,
): string | undefined {
  const value = meta[key];
  if (value === undefined || typeof value === "string") return value;
  throw new ModelError(
    `Cannot define ${path}: meta.${key} must be a string`,
  );
}

/** Returns whether a flag of `.meta()` is set. */
export function flagOption(
  path: string,
  meta: Meta,
  key: MetaKey,
): boolean {
  const value = meta[key] ?? false;
  if (typeof value === "boolean") return value;
  throw new ModelError(`Cannot define ${path}: meta.${key} must be true`);
}

/** Returns the collation of a field, which `.meta()` or its SQL type names. */
export function collationOption(
  path: string,
  meta: Meta,
  type: FieldType,
): string | undefined {
  const name = textOption(path, meta, "collation");
  const spelled =
    spelledType(textOption(path, meta, "sqlType") ?? "").collation;
  if (name === undefined || name === spelled) return spelled;
  if (spelled !== undefined) {
    throw new ModelError(
      `Cannot define ${path}: meta.collation is ${name}, and meta.sqlType has the collation ${spelled}; name one`,
    );
  }
  const { kind } = type.kind === "array" ? type.item : type;
  if (name === "" || (kind !== "string" && kind !== "enum")) {
    throw new ModelError(
      `Cannot define ${path}: meta.collation must be the name of a collation, on a field of text`,
    );
  }
  return name;
}

/** Returns `onUpdate` of `.meta()`. */
export function functionOption(
  path: string,
  value: unknown,
): (() => unknown) | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "function") return () => value();
  throw new ModelError(
    `Cannot define ${path}: meta.onUpdate must be a function`,
  );
}

/** Returns what a field does with NaN and infinities. */
export function nanRule(path: string, value: unknown): NanRule {
  if (value === undefined) return "error";
  if (value === "error" || value === "keep" || value === "null") return value;
  throw new ModelError(
    `Cannot define ${path}: meta.nan must be "error", "keep" or "null"`,
  );
}
