import { MultipleRowsError } from "../../base/errors/mod.ts";
import type { UpsertStatement } from "../statement/statement.ts";

/**
 * Returns the error of an upsert whose `conflict` matches several existing rows.
 *
 * @param key the values of `conflict` in these rows
 * @param count the number of rows, if it is known
 */
export function repeatedRows(
  { model, conflict }: Pick<UpsertStatement, "model" | "conflict">,
  key: readonly unknown[],
  count: unknown = "several",
): MultipleRowsError {
  const values = conflict.map(({ name }, index) => `${name} ${key[index]}`);
  return new MultipleRowsError(
    `Cannot upsert ${model.name}: ${count} existing rows have ${
      values.join(", ")
    }, so they do not identify one row. No row was written. Name further fields in conflict, or delete the repeated rows`,
  );
}
