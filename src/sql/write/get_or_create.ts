import type {
  GetOrCreateStatement,
  Outcome,
} from "../../query/statement/statement.ts";
import { duplicateKeyError } from "../../query/write/get_or_create.ts";
import { modelRows } from "../codec/model_rows.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { SqlLink } from "../link/link.ts";
import { withSequenceAdvice } from "./taken_numbers.ts";

/** The maximum number of attempts, for a row that others create and delete repeatedly. */
const ATTEMPTS = 5;

/**
 * Returns the row that matches, or creates it, in one round trip. If another
 * transaction creates the row at the same time, the statement returns no row:
 * the next attempt finds it, unless a different row holds its key.
 *
 * @throws {DuplicateKeyError} if a different row holds one of its keys
 */
export async function getOrCreate(
  compile: Compiler,
  link: SqlLink,
  statement: GetOrCreateStatement,
): Promise<Outcome<GetOrCreateStatement>> {
  const { model, row } = statement;
  const command = compile(statement);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let result: Outcome<GetOrCreateStatement> | undefined;
    await link.query(
      command,
      modelRows(model, model.fields, (row, created) => {
        result = { row, created };
      }),
    );
    if (result !== undefined) return result;
  }
  throw withSequenceAdvice(
    duplicateKeyError(model),
    model,
    row.keys(),
    ", or ",
  );
}
