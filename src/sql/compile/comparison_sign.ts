import type { Field } from "../../model/field.ts";
import type { Comparison } from "../../query/statement/condition.ts";

/** The operators of SQL. */
export const SIGNS: Readonly<Record<Comparison, string>> = {
  eq: "=",
  ne: "<>",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
};

/** Returns the operator of SQL that compares a field. A null differs from every value. */
export function comparisonSign(field: Field, operator: Comparison): string {
  return operator === "ne" && field.nullable
    ? "is distinct from"
    : SIGNS[operator];
}
