import { keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../../query/statement/statement.ts";

/** Whether a condition names a whole unique key, so that no two rows meet it. */
export function isOfOne(model: AnyModel, where: Condition): boolean {
  const named = new Set(namesIn(where));
  return keysOf(model).some((key) => key.every((name) => named.has(name)));
}

/** The fields of which a condition says what they hold. */
function namesIn(where: Condition): readonly string[] {
  switch (where.kind) {
    case "compare":
      return where.operator === "eq" ? [where.field.name] : [];
    case "keys":
      return where.keys.length === 1
        ? where.fields.map(({ name }) => name)
        : [];
    case "and":
      return where.terms.flatMap(namesIn);
    default:
      return [];
  }
}
