import { ModelError, suggestionText } from "../base/errors/mod.ts";
import { misspelled } from "../base/nearest.ts";

/** The keys of `meta` that this package reads. */
const KEYS = [
  "collation",
  "column",
  "description",
  "nan",
  "onUpdate",
  "renamedFrom",
  "sqlDefault",
  "sqlFill",
  "sqlType",
  "unit",
  "version",
] as const;

/** A key of `meta` that this package reads. */
export type MetaKey = (typeof KEYS)[number];

/**
 * Checks the keys of a field's `meta`. Zod and other programs have keys of their
 * own, so only a key that resembles one of this package is an error.
 *
 * @throws {ModelError} with the first misspelled key
 */
export function assertMetaKeys(
  path: string,
  meta: Readonly<Record<string, unknown>>,
): void {
  for (const key of Object.keys(meta)) {
    const known = misspelled(key, KEYS);
    if (known === undefined) continue;
    throw new ModelError(
      `Cannot define ${path}: meta.${key} is not a key${suggestionText(known)}`,
    );
  }
}
