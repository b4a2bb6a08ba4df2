import { keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../../query/statement/condition.ts";

/** Whether a condition fixes all fields of a unique key, so that at most one row matches. */
export function matchesOneRow(model: AnyModel, condition: Condition): boolean {
  const fixed = new Set(fixedFields(condition));
  return keysOf(model).some((key) => key.every((name) => fixed.has(name)));
}

/** The fields that a condition fixes to one value. */
function fixedFields(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case "compare":
      return condition.operator === "eq" ? [condition.field.name] : [];
    case "keys":
      return condition.keys.length === 1
        ? condition.fields.map(({ name }) => name)
        : [];
    case "and":
      return condition.terms.flatMap(fixedFields);
    default:
      return [];
  }
}
