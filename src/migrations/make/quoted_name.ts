import { shellWord } from "../../base/shell_word.ts";

/** A name at the beginning of a text, and the rest of the text. */
interface ParsedName {
  /** The parts of the name between its dots. */
  readonly parts: readonly string[];
  /** The text after the name. */
  readonly rest: string;
}

/** A part of a name: in quotes, with each inner quote doubled, or without quotes. */
const PART = /^(?:"((?:[^"]|"")+)"|([^"=.][^=.]*))/;

/** Reads the name at the beginning of a text: `star`, `star.mag`, `"a.b".mag`, `"a=b"`; undefined if there is none. */
export function parseName(text: string): ParsedName | undefined {
  const parts: string[] = [];
  for (let rest = text;;) {
    const [all = "", quoted, plain] = PART.exec(rest) ?? [];
    const part = quoted?.replaceAll('""', '"') ?? plain;
    if (part === undefined || part.trim() === "") return undefined;
    parts.push(part);
    rest = rest.slice(all.length);
    if (!rest.startsWith(".")) return { parts, rest };
    rest = rest.slice(1);
  }
}

/**
 * Returns an option as a shell accepts it. A name that would otherwise be
 * misread is put in quotes, and the whole value in shell quotes if necessary.
 */
export function optionText(
  option: string,
  name: string,
  value: string | undefined,
): string {
  const isRename = option === "--rename" && value !== undefined;
  const names = isRename ? [name, value] : [name];
  // Columns are renamed inside one table; other names with dots are tables.
  const isTables = isRename && tableOf(name) !== tableOf(value);
  const isPlain = names.every((each) =>
    !(isTables && each.includes(".")) &&
    parseName(each)?.parts.join(".") === each &&
    parseName(each)?.rest === ""
  );
  const spelled = names.map((each) =>
    isPlain ? each : `"${each.replaceAll('"', '""')}"`
  );
  if (!isRename && value !== undefined) spelled.push(value);
  return `${option} ${shellWord(spelled.join("="))}`;
}

function tableOf(name: string): string {
  return name.split(".")[0] ?? name;
}
