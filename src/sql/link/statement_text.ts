/** The beginning of a comment, a literal, or a quoted name, or the end of a statement. */
const TOKEN = /--|\/\*|\be'|'|"|\$(?:[a-z_]\w*)?\$|;/gi;

/** Whether a text has no other statement behind the first one. */
export function isOneStatement(text: string): boolean {
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
      return endOfComment(text, from) ?? text.length;
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
export function skipSpace(text: string, from: number, also: "(" | ";"): number {
  const space = /\s+/y;
  let at = from;
  while (at < text.length) {
    space.lastIndex = at;
    if (space.test(text)) at = space.lastIndex;
    else if (text[at] === also) at++;
    else if (text.startsWith("--", at)) at = after(text, "\n", at);
    else if (text.startsWith("/*", at)) {
      const end = endOfComment(text, at + 2);
      if (end === undefined) break;
      at = end;
    } else break;
  }
  return at;
}

/** Returns the position after a comment, which may contain others; undefined if it does not end. */
function endOfComment(text: string, from: number): number | undefined {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 1;
  for (
    let found = mark.exec(text);
    found !== null;
    found = mark.exec(text)
  ) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return undefined;
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found < 0 ? text.length : found + end.length;
}
