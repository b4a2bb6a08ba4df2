import {
  type Literal,
  withoutLiterals,
} from "../../../base/without_literals.ts";
import { type Token, tokens } from "./tokens.ts";

/** Levels of strings in strings: a statement in a function that executes another one. */
const LEVELS = 3;

/**
 * Returns a message of the server without the literals of the statements that it
 * may repeat: passwords of roles, of user mappings and of connections.
 */
export function withoutStatementLiterals(
  message: string,
  ...statements: readonly string[]
): string {
  const literals: Literal[] = [];
  const names = new Set<string>();
  for (const statement of statements) {
    collect(statement, LEVELS, literals, names);
  }
  return withoutLiterals(message, literals, names);
}

/** Collects the literals and names of a statement, and the literals of the programs in its strings. */
function collect(
  statement: string,
  levels: number,
  literals: Literal[],
  names: Set<string>,
): void {
  let end = 0;
  let isRaise = false;
  const add = (text: string, isProgram = false): void => {
    literals.push({ text, isProgram });
    if (levels > 0) collect(text, levels - 1, literals, new Set());
  };
  try {
    for (const token of tokens(statement, "")) {
      end = token.end;
      if (token.kind === "string" && !isRaise) {
        const inner = innerText(statement, token);
        const text = contentOf(inner, token);
        add(text, token.value.startsWith("$") && PROGRAM.test(text));
        if (inner !== text) literals.push({ text: inner });
      } else if (token.kind === "word") names.add(token.value);
      else if (token.kind === "quoted") names.add(nameOf(token.value));
      // The message of RAISE is for people.
      isRaise = token.kind === "word" &&
        (token.value === "raise" || (isRaise && LEVEL.test(token.value)));
    }
  } catch {
    // The server repeats a text without an end, from its quote on.
    const rest = statement.slice(end).trim();
    for (const text of [rest, rest.replace(/^[^'$]*(?:'|\$\w*\$)/, "")]) {
      literals.push({ text });
    }
  }
}

/** What distinguishes a program from another text in dollar quotes. */
const PROGRAM = /;|\b(?:begin|select|return)\b/i;
const LEVEL = /^(?:debug|log|info|notice|warning|exception)$/;

/** Returns the text between the quotes as it is written. */
function innerText(statement: string, { start, end }: Token): string {
  const text = statement.slice(start, end);
  return /^\$(\w*)\$/.test(text)
    ? text.replace(/^\$\w*\$/, "").replace(/\$\w*\$$/, "")
    : text.slice(text.indexOf("'") + 1, -1);
}

/** Returns the text that a string stands for. */
function contentOf(inner: string, { value }: Token): string {
  if (value.startsWith("$")) return inner;
  const text = value.slice(value.indexOf("'") + 1, -1).replaceAll("''", "'");
  if (value.startsWith("e'")) return text.replaceAll(ESCAPE, unescaped);
  return value.startsWith("u&'")
    ? text.replaceAll(UNICODE, (_, hex: string) => fromHex(hex))
    : text;
}

const ESCAPE =
  /\\(?:x([\da-f]{1,2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{1,3})|([^]))/gi;
const UNICODE = /\\\+?([\da-f]{6}|[\da-f]{4})/gi;
const SIGNS: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function unescaped(
  _: string,
  hex?: string,
  short?: string,
  long?: string,
  octal?: string,
  sign = "",
): string {
  const code = hex ?? short ?? long;
  if (code !== undefined) return fromHex(code);
  return octal === undefined
    ? SIGNS[sign] ?? sign
    : String.fromCharCode(parseInt(octal, 8));
}

function fromHex(hex: string): string {
  const code = parseInt(hex, 16);
  return code > 0x10ffff ? "" : String.fromCodePoint(code);
}

function nameOf(quoted: string): string {
  return quoted.replace(/^u&/i, "").slice(1, -1).replaceAll('""', '"');
}
