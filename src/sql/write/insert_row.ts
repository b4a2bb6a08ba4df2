import type { InsertRowStatement } from "../../query/statement/statement.ts";
import { modelRows } from "../codec/model_rows.ts";
import { discardedRowError, withRuleAdvice } from "./discarded_row.ts";
import type { WriteContext } from "./get_or_create.ts";
import { withSequenceAdvice } from "./taken_numbers.ts";

/**
 * Inserts a row and returns it as it is stored.
 *
 * @throws {DiscardedRowError} if a trigger or a rule of the table discards the row
 */
export async function insertRow(
  { compile, link, facts }: WriteContext,
  statement: InsertRowStatement,
): Promise<object> {
  const { model, row } = statement;
  let stored: object | undefined;
  try {
    await link.query(
      compile(statement, facts),
      modelRows(model, model.fields, (row) => stored = row),
    );
  } catch (error) {
    throw withSequenceAdvice(
      withRuleAdvice(error, model, facts),
      model,
      row.keys(),
    );
  }
  if (stored !== undefined) return stored;
  throw discardedRowError(model, facts);
}
