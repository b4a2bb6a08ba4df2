import { printable } from "./errors/printable.ts";

/** A literal of a statement, whose text a message must not repeat. */
export interface Literal {
  readonly text: string;
  /** Whether the text is a program, such as the body of a function: its words may be repeated. */
  readonly isProgram?: boolean;
}

/** The shortest literal that is recognized outside of quotes and parentheses, and the shortest part of one. */
const SHORTEST = 4;
/** What a message has in place of a literal. */
const MASK = "…";

/** Lists of values: `Key (oid)=(ZTF18a)`. */
const LISTS = /(?<=\()[^()]*(?=\))/g;
/** Texts in the quotes of all languages of the server. */
const ENCLOSED: readonly RegExp[] = [
  /(?<=")[^"]*(?=")/g,
  /(?<=«\s?)[^«»]*?(?=\s?»)/g,
  /(?<=„)[^„“”]*(?=[“”])/g,
  /(?<=“)[^“”]*(?=”)/g,
  /(?<=`)[^`']*(?=['`])/g,
  /(?<=(?<!\w)')[^']*(?='(?!\w))/g,
];

/**
 * Returns a message of a server without the literals of the statement that it
 * is about, whole or in part: they may be secrets.
 *
 * @param names the names in the statement, which a message may repeat
 */
export function withoutLiterals(
  message: string,
  literals: readonly Literal[],
  names: ReadonlySet<string>,
): string {
  const known = literals.filter(({ text }) => text.trim() !== "").flatMap(
    (literal) => [literal, { ...literal, text: printable(literal.text) }],
  );
  if (known.length === 0) return message;
  const long = known.map(({ text }) => text)
    .filter((text) => text.length >= SHORTEST && !names.has(text))
    .toSorted((one, other) => other.length - one.length);
  const folded = message.toLowerCase();
  const masked = long.filter((text) => folded.includes(text.toLowerCase()))
    .reduce(withoutText, message);
  const foldedNames = new Set([...names].map((name) => name.toLowerCase()));
  const isSecret = (enclosed: string): boolean => {
    const found = enclosed.replace(/^'|'$|(?:\.\.\.|…)$/g, "")
      .trim().toLowerCase();
    return found !== "" && !foldedNames.has(found) &&
      known.some(({ text, isProgram }) =>
        isProgram === true
          ? text.toLowerCase() === found
          : text.toLowerCase() === found ||
            (found.length >= SHORTEST && text.toLowerCase().includes(found))
      );
  };
  const hidden = (text: string): string => isSecret(text) ? MASK : text;
  return ENCLOSED
    .reduce((text, pattern) => text.replaceAll(pattern, hidden), masked)
    .replaceAll(LISTS, (list) => list.split(", ").map(hidden).join(", "));
}

/** Replaces a text that is no part of a longer word, in any case: the server folds names. */
function withoutText(message: string, text: string): string {
  const start = /^\w/.test(text) ? "(?<!\\w)" : "";
  const end = /\w$/.test(text) ? "(?!\\w)" : "";
  return message.replaceAll(
    new RegExp(`${start}${RegExp.escape(text)}${end}`, "gi"),
    () => MASK,
  );
}
