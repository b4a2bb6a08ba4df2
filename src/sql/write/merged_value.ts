import type { Field } from "../../model/field.ts";
import type { Combination } from "../../query/statement/statement.ts";
import type { Collations } from "../codec/collations.ts";
import { columnText } from "./changes_text.ts";

/**
 * Returns the value that an update writes, as SQL: that of the row, or the
 * combination of both. LEAST and GREATEST ignore null, and of equal values take
 * the first.
 *
 * @param existing the name of the existing row
 * @param from the name of the row with the new values
 */
export function mergedText(
  field: Field,
  rule: Combination | undefined,
  collations: Collations,
  existing: string,
  from: string,
): string {
  const given = columnText(from, field);
  if (rule === undefined) return given;
  const stored = columnText(existing, field);
  if (rule === "ifNull") return `coalesce(${stored}, ${given})`;
  // The collation of one operand decides for both.
  const ordered = collations.needsC(field) ? `${given} collate "C"` : given;
  return `${rule}(${stored}, ${ordered})`;
}
