import type { Field } from "../../model/field.ts";
import { isNumbered } from "../../model/server_filling.ts";
import type { TableFacts } from "../schema/table_facts.ts";

/**
 * Whether a statement that returns the rows that it writes needs no transaction:
 * their fields can be read for sure, so that no error would have to undo it. They
 * have the given values, which no trigger, rule, or view changes, or numbers of
 * the server.
 *
 * @param given the fields with given values
 */
export function areReadable(
  returned: readonly Field[],
  given: readonly Field[],
  { kind, skips }: Pick<TableFacts, "kind" | "skips">,
): boolean {
  return (kind === "r" || kind === "p") && !skips.insert && !skips.update &&
    returned.every((field) => given.includes(field) || isNumbered(field));
}
