import { isOneStatement, skipSpace } from "../../link/statement_text.ts";

const READING = new Set([
  ...["select", "with", "values", "table", "fetch", "show", "explain"],
  ...["execute", "call"],
]);
const WRITING = new Set(["insert", "update", "delete", "merge"]);

/** Whether a text is one statement, which may return rows. Several statements can only be sent as a simple query. */
export function returnsRows(text: string): boolean {
  const start = text.slice(skipSpace(text, 0, "("));
  const word = /^[a-z]+/i.exec(start)?.[0].toLowerCase() ?? "";
  return (READING.has(word) ||
    (WRITING.has(word) && /\breturning\b/i.test(start))) &&
    isOneStatement(start);
}
