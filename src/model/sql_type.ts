import type { Filled } from "./filled.ts";

/** An SQL type as `meta({ sqlType })` spells it, in its parts. */
interface SpelledType {
  /** The type, without the clauses below; undefined if nothing remains. */
  readonly type: string | undefined;
  /** The name of a COLLATE clause; a name with a schema remains in the type. */
  readonly collation: string | undefined;
  readonly filled: Filled | undefined;
  /** The expression of a DEFAULT clause. */
  readonly sqlDefault: string | undefined;
  /** The clause of an identity or a generated column, or the name of a serial type. */
  readonly sqlFill: string | undefined;
}

/** The integer types of the serial types. */
const SERIAL: Readonly<Record<string, string>> = {
  smallserial: "smallint",
  serial2: "smallint",
  serial: "integer",
  serial4: "integer",
  bigserial: "bigint",
  serial8: "bigint",
};

/** The words that begin a clause after the type. */
const CLAUSES: readonly string[] = [
  "not",
  "null",
  "default",
  "generated",
  "check",
  "unique",
  "primary",
  "references",
  "collate",
  "constraint",
];

const WORD =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|[\p{L}_][\p{L}\p{N}_$]*|[()]/giu;

const COLLATE = /^collate\s+(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))$/iu;

/** Splits a type from its collation and from the clause that makes the server fill the column. */
export function spelledType(text: string): SpelledType {
  const parts = clausesOf(text);
  const kept: string[] = [];
  let collation: string | undefined;
  let filled: Filled | undefined;
  let sqlDefault: string | undefined;
  let sqlFill: string | undefined;
  for (const part of parts) {
    const named = COLLATE.exec(part);
    if (named !== null) {
      const [, quoted, plain = ""] = named;
      collation = quoted?.replaceAll('""', '"') ?? plain.toLowerCase();
      continue;
    }
    const found = fillOf(part);
    if (found === undefined) {
      kept.push(part);
      continue;
    }
    filled = found;
    if (found === "default") sqlDefault = part.replace(/^default\s*/i, "");
    else sqlFill = part;
  }
  const [first = "", ...rest] = kept;
  const integer = SERIAL[first.toLowerCase()];
  if (filled === undefined && integer !== undefined) {
    return {
      type: [integer, ...rest].join(" "),
      collation,
      filled: "serial",
      sqlDefault,
      sqlFill: "serial",
    };
  }
  return {
    type: kept.join(" ") || undefined,
    collation,
    filled,
    sqlDefault,
    sqlFill,
  };
}

/** Returns how a clause fills the column; undefined for the type and other clauses. */
function fillOf(clause: string): Filled | undefined {
  if (/^default\b/i.test(clause)) return "default";
  if (/^generated\s+by\s+default\s+as\s+identity\b/i.test(clause)) {
    return "identity";
  }
  if (/^generated\s+always\s+as\s+identity\b/i.test(clause)) {
    return "identity always";
  }
  return /^generated\s+always\s+as\s*\(/i.test(clause)
    ? "generated"
    : undefined;
}

/** Splits a column's definition before the words that begin a clause, outside of parentheses and quotes. */
function clausesOf(text: string): string[] {
  const starts = [0];
  let depth = 0;
  let previous = "";
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (word === "(") depth++;
    else if (word === ")") depth--;
    else if (
      depth === 0 && CLAUSES.includes(word.toLowerCase()) &&
      !continues(previous, word.toLowerCase())
    ) starts.push(index);
    previous = word.toLowerCase();
  }
  return starts.map((start, index) =>
    text.slice(start, starts[index + 1]).trim()
  )
    .filter((part) => part !== "");
}

/** Whether a word belongs to the clause of the word before: DEFAULT NULL, NOT NULL, BY DEFAULT, CONSTRAINT name CHECK. */
function continues(previous: string, word: string): boolean {
  return word === "null" && ["not", "default"].includes(previous) ||
    word === "default" && previous === "by";
}
