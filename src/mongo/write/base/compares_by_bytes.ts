import type { Field } from "../../../model/field.ts";
import type { AnyModel } from "../../../model/types.ts";
import { isText } from "../../codec/field_codec.ts";
import type { WriteContext } from "./write_context.ts";

/**
 * Whether the server compares the values of these fields as JavaScript does. It
 * does not if the collection has a collation and a field holds text: different
 * texts can then be equal, and each row must be looked up by the server alone.
 */
export async function comparesByBytes(
  { collections }: WriteContext,
  model: AnyModel,
  fields: readonly Field[],
): Promise<boolean> {
  return !fields.some(({ type }) => isText(type)) ||
    await collections.collationOf(model) === undefined;
}
