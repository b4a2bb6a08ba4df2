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
    keys.map(identityOf);
}

/** The value itself if it is the only one, and equal values are the same: a text takes longer. */
function identityOf(key: readonly unknown[]): unknown {
  const [value] = key;
  const isOne = key.length === 1 &&
    (typeof value === "bigint" || typeof value === "string");
  return isOne ? value : keyText(key);
}
