import type {
  FindEachStatement,
  FindStatement,
} from "../../query/statement/statement.ts";
import { modelRows } from "../codec/model_rows.ts";
import type { SqlLink } from "../link/link.ts";
import { compileRead, type ReadContext } from "./compile_read.ts";

/** Reads rows. */
export async function find(
  context: ReadContext,
  link: SqlLink,
  statement: FindStatement | FindEachStatement,
): Promise<object[]> {
  const { model, fields } = statement;
  const rows: object[] = [];
  const command = compileRead(context, link, statement);
  await link.query(
    command instanceof Promise ? await command : command,
    modelRows(model, fields, (row) => rows.push(row)),
  );
  return rows;
}
