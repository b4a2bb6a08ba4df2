import { DatabaseError } from "../../base/errors/mod.ts";
import type { InsertRowStatement } from "../../query/statement/statement.ts";
import { modelRows } from "../codec/model_rows.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { SqlLink } from "../link/link.ts";
import { withSequenceAdvice } from "./taken_numbers.ts";

/**
 * Inserts a row and returns it as it is stored.
 *
 * @throws {DatabaseError} if a trigger or a rule of the table discards the row
 */
export async function insertRow(
  compile: Compiler,
  link: SqlLink,
  statement: InsertRowStatement,
): Promise<object> {
  const { model, row } = statement;
  let stored: object | undefined;
  try {
    await link.query(
      compile(statement),
      modelRows(model, model.fields, (row) => stored = row),
    );
  } catch (error) {
    throw withSequenceAdvice(error, model, row.keys());
  }
  if (stored !== undefined) return stored;
  throw new DatabaseError(
    `Cannot insert into ${model.name}: a trigger or rule of the table ${model.table} discarded the row`,
  );
}
