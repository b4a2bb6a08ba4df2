import { typeProblem } from "../../model/value_problem.ts";
import type { Condition } from "../statement/condition.ts";
import { filterError, type Target } from "./target.ts";

/** The operators that compare parts of a text. */
type TextOperator = "like" | "ilike" | "startsWith" | "endsWith";

/** Compiles an operator that compares parts of a text: all of them become patterns. */
export function compileText(
  target: Target,
  operator: TextOperator,
  value: unknown,
): Condition {
  const { field } = target;
  if (field.type.kind !== "string" && field.type.kind !== "enum") {
    throw filterError(
      target,
      `${operator} requires a text field, and ${field.name} is ${field.type.kind}`,
    );
  }
  const isPattern = operator === "like" || operator === "ilike";
  const noun = isPattern ? `${operator} pattern` : `${operator} text`;
  const problem = typeProblem({ kind: "string" }, value, target.budget);
  if (problem !== undefined || typeof value !== "string") {
    throw filterError(target, `the ${noun} of ${field.name} ${problem}`);
  }
  if (isPattern && endsWithEscape(value)) {
    throw filterError(
      target,
      `the ${noun} of ${field.name} ends with a lone \\, which escapes nothing`,
    );
  }
  switch (operator) {
    case "like":
      return Object.freeze({ kind: "like", field, pattern: value });
    case "ilike":
      return Object.freeze({
        kind: "like",
        field,
        pattern: value,
        ignoresCase: true,
      });
    case "startsWith":
      return Object.freeze({
        kind: "like",
        field,
        pattern: `${escaped(value)}%`,
      });
    case "endsWith":
      return Object.freeze({
        kind: "like",
        field,
        pattern: `%${escaped(value)}`,
      });
  }
}

/** Returns the pattern that only this text matches. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}

/** Whether a text ends with an odd number of backslashes. */
function endsWithEscape(text: string): boolean {
  let start = text.length;
  while (text[start - 1] === "\\") start--;
  return (text.length - start) % 2 === 1;
}
