import type { Field } from "../../model/field.ts";
import type { Combination } from "../../query/statement/statement.ts";
import type { Collations } from "../codec/collations.ts";
import { combinedText } from "../compile/combined_text.ts";
import { columnText } from "./changes_text.ts";

/**
 * Returns the value that an update writes, as SQL: that of the row, or the
 * combination of both.
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
  return combinedText(field, rule, collations, stored, given);
}
