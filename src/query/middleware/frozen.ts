import type { Condition } from "../statement/condition.ts";
import type { Statement } from "../statement/statement.ts";

/** Freezes a statement with its conditions, orders, and lists of fields, and returns it. Values stay as the program passed them. */
export function frozen<S extends Statement>(statement: S): S {
  for (const value of Object.values(statement)) {
    // Rows and values belong to the program, which may change its arrays.
    if (Array.isArray(value) && value !== Reflect.get(statement, "rows")) {
      Object.freeze(value);
    }
  }
  if ("order" in statement) statement.order.forEach(Object.freeze);
  if (statement.kind === "aggregate") {
    statement.measures.forEach(Object.freeze);
    statement.having.forEach(Object.freeze);
  }
  if ("where" in statement && statement.where !== undefined) {
    freezeCondition(statement.where);
  }
  return Object.freeze(statement);
}

function freezeCondition(condition: Condition): void {
  Object.freeze(condition);
  switch (condition.kind) {
    case "and":
    case "or":
      Object.freeze(condition.terms);
      condition.terms.forEach(freezeCondition);
      break;
    case "in":
    case "contains":
    case "containsAny":
      Object.freeze(condition.values);
      break;
    case "not":
      freezeCondition(condition.term);
      break;
    case "related":
      freezeCondition(condition.where);
      break;
  }
}
