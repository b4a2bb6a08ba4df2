import type { Condition } from "./condition.ts";
import type { UpdateEachStatement } from "./statement.ts";

/** Matches the rows that an update finds by their keys. */
export function hasKeyOf({ key, changes }: UpdateEachStatement): KeysCondition {
  return {
    kind: "keys",
    fields: key,
    keys: changes.map(({ key }) => key),
  };
}

type KeysCondition = Extract<Condition, { readonly kind: "keys" }>;
