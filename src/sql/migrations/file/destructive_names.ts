/** Writes a name such as `t.c` for a `dbp:destructive` line: in quotes if white space, a comma or a quote would end it. */
export function lostName(name: string): string {
  return /[\s,"]/.test(name)
    ? `"${name.replaceAll(/\s+/g, " ").replaceAll('"', '""')}"`
    : name;
}

/** Returns the names in a `dbp:destructive` line, without quotes. */
export function lostNames(line: string): readonly string[] {
  return [...line.matchAll(/(?:"(?:[^"]|"")*"|[^\s,"])+/g)].map(([word]) =>
    word.replaceAll(
      /"((?:[^"]|"")*)"/g,
      (_, part: string) => part.replaceAll('""', '"').replaceAll(/\s+/g, " "),
    )
  );
}
