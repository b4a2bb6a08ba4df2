import { duplicateKeyError } from "../../query/write/get_or_create.ts";
import type {
  GetOrCreateStatement,
  Outcome,
} from "../../query/statement/statement.ts";
import type { Compiler } from "../compile/compiler.ts";
import { rowDecoder } from "../codec/decode.ts";
import type { SqlLink } from "../link/link.ts";

/** How often it looks again for a row that others make and remove. */
const TRIES = 5;

/** The row that matches, or a new one, in one round trip. None of the two parts gives a row when another transaction makes it meanwhile: then the row is there the next time, or its key is another's. */
export async function getOrCreate(
  compile: Compiler,
  link: SqlLink,
  statement: GetOrCreateStatement,
): Promise<Outcome<GetOrCreateStatement>> {
  const { model } = statement;
  const decode = rowDecoder(model, model.fields);
  const command = compile(statement);
  for (let tries = 0; tries < TRIES; tries++) {
    let found: Outcome<GetOrCreateStatement> | undefined;
    await link.query(command, (row) => {
      found = { row: decode(row), created: row[model.fields.length] === "t" };
    });
    if (found !== undefined) return found;
  }
  throw duplicateKeyError(model);
}
