/** The beginning of a comment, a literal, or a quoted name. In a name, `$` begins no literal. */
const HIDDEN =
  /--|\/\*|\be'|'|"|(?<![\w$\x80-\uffff])\$(?:[a-z_\x80-\uffff][\w\x80-\uffff]*)?\$/gi;
/** What surrounds a `;` that ends no statement: parentheses, and the body of a function. */
const NESTING = /[();]|\bbegin\s+atomic\b|\bend\b(?<=(?:;|\batomic)\s*end)/gi;
const ROUTINE = /^create\s+(?:or\s+replace\s+)?(?:function|procedure)\b/i;

/** Whether a text, which begins with a word, has no other statement behind the first one. */
export function isOneStatement(text: string): boolean {
  if (!text.includes(";")) return true;
  const visible = visibleText(text).trimEnd();
  const isRoutine = ROUTINE.test(visible);
  let [parentheses, bodies] = [0, 0];
  for (const { 0: part, index } of visible.matchAll(NESTING)) {
    if (part === "(") parentheses++;
    else if (part === ")") parentheses--;
    else if (part !== ";") {
      if (isRoutine && parentheses === 0) bodies += /^e/i.test(part) ? -1 : 1;
    } else if (parentheses <= 0 && bodies <= 0) {
      return /^[;\s]*$/.test(visible.slice(index));
    }
  }
  return true;
}

/** Returns a text without its comments, and without what its literals and quoted names contain. */
export function visibleText(text: string): string {
  const hidden = new RegExp(HIDDEN);
  let [visible, from] = ["", 0];
  for (
    let found = hidden.exec(text);
    found !== null;
    found = hidden.exec(text)
  ) {
    const [start] = found;
    visible += text.slice(from, found.index);
    visible += /^[-/]/.test(start) ? " " : "''";
    from = endOf(text, start, found.index + start.length);
    hidden.lastIndex = from;
  }
  return visible + text.slice(from);
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
