/** How much of a statement is told. */
const TOLD = 80;

/** The beginning of a statement, for people: one line, without comments, and without what stands in quotes, which may be a secret. */
export function beginning(statement: string): string {
  const line = statement
    .replace(/--[^\n]*(?:\n|$)|\/\*.*?(?:\*\/|$)/gs, " ")
    .replace(/'(?:[^']|'')*(?:'|$)/g, "'…'")
    .replace(/(\$\w*\$).*?(?:\1|$)/gs, "$1…$1")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > TOLD ? `${line.slice(0, TOLD - 1).trimEnd()}…` : line;
}

/** A name as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name with or without its schema, as SQL writes it. */
export function nameText(
  { schema, name }: {
    readonly schema: string | undefined;
    readonly name: string;
  },
): string {
  return schema === undefined
    ? quoted(name)
    : `${quoted(schema)}.${quoted(name)}`;
}

/** Milliseconds, for people. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${Math.round(milliseconds / 100) / 10} s`;
}
