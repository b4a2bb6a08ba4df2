import { DatabaseError } from "../../base/errors/mod.ts";
import { LACKED_RIGHT } from "../driver/errors.ts";
import { serverErrorOf } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";
import { statementTitle } from "../migrations/file/statement_title.ts";
import { withoutStatementLiterals } from "../migrations/file/without_statement_literals.ts";
import { tableHead, tableParts } from "./create_tables.ts";
import type { WantedTable } from "./table.ts";

/** Class 42 of SQLSTATE: syntax errors and names that do not exist. */
const WRONG_SQL = /^42/;

/**
 * Returns the error for a statement that creates a table: the table, the reason,
 * and the part of the model that the server refused. Returns other errors unchanged.
 */
export function createFailure(
  error: unknown,
  statement: string,
  tables: readonly WantedTable[],
  schema: string | undefined,
): unknown {
  const cause = serverErrorOf(error);
  if (cause === undefined || !WRONG_SQL.test(cause.code)) return error;
  const { code, message, position } = cause;
  const table = tables.find(({ name }) =>
    statement.startsWith(tableHead(name, schema))
  );
  const what = table === undefined
    ? `run ${statementTitle(statement)}`
    : `create the table ${table.name}`;
  const part = table && partAt(table, schema, Number(position));
  return new DatabaseError(
    `Cannot ${what}: ${withoutStatementLiterals(message, statement)}${
      part === undefined ? "" : ` (${part})`
    }${code === SQLSTATE.insufficientPrivilege ? LACKED_RIGHT : ""}`,
    { cause, code },
  );
}

/** Returns the part of the statement at the position that the server reports, from 1. */
function partAt(
  table: WantedTable,
  schema: string | undefined,
  position: number,
): string | undefined {
  let start = tableHead(table.name, schema).length;
  for (const { title, text } of tableParts(table)) {
    const end = start + text.length;
    if (position > start && position <= end + 1) return title;
    start = end + ", ".length;
  }
  return undefined;
}
