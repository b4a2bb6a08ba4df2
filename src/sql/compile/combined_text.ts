import type { Field } from "../../model/field.ts";
import type { Combination } from "../../query/statement/statement.ts";
import type { Collations } from "../codec/collations.ts";

/**
 * Returns the combination of the stored value of a field with a given one, as
 * SQL. LEAST and GREATEST ignore null, and of equal values take the first.
 */
export function combinedText(
  field: Field,
  combination: Combination,
  collations: Collations,
  stored: string,
  given: string,
): string {
  if (combination === "ifNull") return `coalesce(${stored}, ${given})`;
  // The collation of one operand decides for both.
  const ordered = collations.needsC(field) ? `${given} collate "C"` : given;
  return `${combination}(${stored}, ${ordered})`;
}
