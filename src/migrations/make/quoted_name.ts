/** A name at the beginning of a text, and what comes after it. */
export interface SpelledName {
  /** What stands between its dots. */
  readonly parts: readonly string[];
  /** The text after it. */
  readonly rest: string;
}

/** One part of a name: in quotes, which stand twice inside of it, or without. */
const PART = /^(?:"((?:[^"]|"")+)"|([^"=.][^=.]*))/;

/** The name that a text begins with: `star`, `star.mag`, `"a.b".mag`, `"a=b"`; undefined where it begins with none. */
export function spelledName(text: string): SpelledName | undefined {
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
 * An option as a shell takes it: a name that would be read in another way
 * stands in quotes, and what a shell would change in its own.
 */
export function spelledOption(
  option: string,
  name: string,
  value: string | undefined,
): string {
  const isRename = option === "--rename" && value !== undefined;
  const names = isRename ? [name, value] : [name];
  // Columns are renamed within one table; what has dots otherwise is tables.
  const isTables = isRename && tableOf(name) !== tableOf(value);
  const isPlain = names.every((each) =>
    !(isTables && each.includes(".")) &&
    spelledName(each)?.parts.join(".") === each &&
    spelledName(each)?.rest === ""
  );
  const spelled = names.map((each) =>
    isPlain ? each : `"${each.replaceAll('"', '""')}"`
  );
  if (!isRename && value !== undefined) spelled.push(value);
  return `${option} ${inShell(spelled.join("="))}`;
}

function tableOf(name: string): string {
  return name.split(".")[0] ?? name;
}

function inShell(word: string): string {
  return /^[\p{L}\p{N}_.=:@%+,/-]+$/u.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
