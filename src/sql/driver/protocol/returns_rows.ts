/** White space and comments. */
const SPACE = String.raw`\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/`;
/** White space, comments and opening parentheses. */
const BEFORE = new RegExp(`^(?:${SPACE}|\\()*`);
/** White space, comments and semicolons to the end. */
const END = new RegExp(`^(?:${SPACE}|;)*$`);
/** A comment, a literal, a quoted name, or the end of a statement. */
const TOKEN =
  /--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|\be'(?:[^'\\]|\\.|'')*'|'[^']*'|"[^"]*"|(\$(?:[a-z_]\w*)?\$).*?\1|;/gis;
const READING = new Set([
  ...["select", "with", "values", "table", "fetch", "show", "explain"],
  ...["execute", "call"],
]);
const WRITING = new Set(["insert", "update", "delete", "merge"]);

/** Whether a text is one statement, which may return rows. Several statements can only be sent as a simple query. */
export function returnsRows(text: string): boolean {
  const start = text.slice(BEFORE.exec(text)?.[0].length ?? 0);
  const word = /^[a-z]+/i.exec(start)?.[0].toLowerCase() ?? "";
  return (READING.has(word) ||
    (WRITING.has(word) && /\breturning\b/i.test(start))) &&
    isOneStatement(start);
}

function isOneStatement(text: string): boolean {
  if (!text.includes(";")) return true;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === ";") return END.test(text.slice(index));
  }
  return true;
}
