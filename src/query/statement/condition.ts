import type { Field } from "../../model/field.ts";
import type { Condition } from "./statement.ts";

/** The condition that holds for every row. */
export const ALL: Condition = Object.freeze({ kind: "all" });
/** The condition that holds for none. */
export const NONE: Condition = Object.freeze({ kind: "none" });

/** The condition that all terms hold. */
export function all(terms: readonly Condition[]): Condition {
  if (terms.length === 0) return ALL;
  const [only] = terms;
  return terms.length === 1 && only !== undefined
    ? only
    : Object.freeze({ kind: "and", terms });
}

/** The condition that a term does not hold. */
export function not(term: Condition): Condition {
  return Object.freeze({ kind: "not", term });
}

/** The condition that a field has no value. */
export function isNull(field: Field): Condition {
  return Object.freeze({ kind: "null", field });
}

/** The fields that a filter holds to one value that is not null, with those values: `{ oid: "a" }` and `{ oid: { eq: "a" } }`. */
export function equalities(where: Condition): ReadonlyMap<Field, unknown> {
  const terms = where.kind === "and" ? where.terms : [where];
  const found = new Map<Field, unknown>();
  for (const term of terms) {
    if (term.kind === "compare" && term.operator === "eq") {
      found.set(term.field, term.value);
    }
  }
  return found;
}
