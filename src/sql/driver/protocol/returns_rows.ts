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

/** The beginning of a comment, a literal, or a quoted name, or the end of a statement. */
const TOKEN = /--|\/\*|\be'|'|"|\$(?:[a-z_]\w*)?\$|;/gi;

function isOneStatement(text: string): boolean {
  if (!text.includes(";")) return true;
  const token = new RegExp(TOKEN);
  for (
    let found = token.exec(text);
    found !== null;
    found = token.exec(text)
  ) {
    const [start] = found;
    if (start === ";") return skipSpace(text, found.index, ";") === text.length;
    token.lastIndex = endOf(text, start, found.index + start.length);
  }
  return true;
}

/** Returns the position after a token: the end of the text if the token does not end. */
function endOf(text: string, start: string, from: number): number {
  switch (start) {
    case "--":
      return after(text, "\n", from);
    case "/*":
      return after(text, "*/", from);
    case "e'":
    case "E'":
      return endOfEscaped(text, from);
    default:
      return after(text, start, from);
  }
}

/** Returns the position after a literal with escapes: `e'it\'s'`. */
function endOfEscaped(text: string, from: number): number {
  const special = /['\\]/g;
  special.lastIndex = from;
  for (
    let found = special.exec(text);
    found !== null;
    found = special.exec(text)
  ) {
    const isPair = found[0] === "\\" || text[found.index + 1] === "'";
    if (!isPair) return special.lastIndex;
    special.lastIndex++;
  }
  return text.length;
}

/** Returns the position after white space, comments, and one more character. */
function skipSpace(text: string, from: number, also: "(" | ";"): number {
  const space = /\s+/y;
  let at = from;
  while (at < text.length) {
    space.lastIndex = at;
    if (space.test(text)) at = space.lastIndex;
    else if (text[at] === also) at++;
    else if (text.startsWith("--", at)) at = after(text, "\n", at);
    else if (text.startsWith("/*", at) && text.includes("*/", at + 2)) {
      at = after(text, "*/", at + 2);
    } else break;
  }
  return at;
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found < 0 ? text.length : found + end.length;
}
