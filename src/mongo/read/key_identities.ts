import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { isText } from "../codec/field_codec.ts";
import { keyIdentity } from "../compile/keys.ts";
import type { ReadContext } from "./read_context.ts";

/**
 * Returns for each key a text that is equal for two keys exactly if the
 * collation of the collection takes them as equal; undefined for a key with
 * null.
 *
 * @returns undefined if the collection has no collation, or the server cannot
 * tell: then it compares as {@link keyIdentity}
 */
export async function keyIdentities(
  { collections }: ReadContext,
  model: AnyModel,
  fields: readonly Field[],
  keysOf: () => readonly (readonly unknown[])[],
): Promise<readonly (string | undefined)[] | undefined> {
  if (!fields.some(({ type }) => isText(type))) return undefined;
  const collation = await collections.collationOf(model);
  if (collation === undefined) return undefined;
  const keys = keysOf();
  const texts = new Set(
    keys.flat().filter((value) => typeof value === "string"),
  );
  const first = await collections.firstEqual(collation, texts);
  return first &&
    keys.map((key) =>
      keyIdentity(
        key.map((value) =>
          typeof value === "string" ? first.get(value) ?? value : value
        ),
      )
    );
}
