import { keyText } from "../../model/canonical.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "./executor.ts";

/** Returns for each key a value that is equal for two keys exactly if the database takes them as equal. */
export async function identitiesOf(
  executor: Executor,
  model: AnyModel,
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): Promise<readonly unknown[]> {
  return await executor.keyIdentities?.(model, fields, () => keys) ??
    keys.map(keyIdentity);
}

/**
 * Returns a map key that is equal for two keys if and only if the keys are equal:
 * the value itself if it is the only one, because a text takes longer.
 */
export function keyIdentity(key: readonly unknown[]): unknown {
  const [only] = key;
  return key.length === 1 && typeof only !== "object" ? only : keyText(key);
}
