/** A name, as `t.c`, in a line of `dbp:destructive`: in quotes where white space, a comma or a quote in it would end it. */
export function lostName(name: string): string {
  return /[\s,"]/.test(name)
    ? `"${name.replaceAll(/\s+/g, " ").replaceAll('"', '""')}"`
    : name;
}

/** What stands between white space and commas in such a line, without quotes. */
export function lostNames(line: string): readonly string[] {
  return [...line.matchAll(/(?:"(?:[^"]|"")*"|[^\s,"])+/g)].map(([word]) =>
    word.replaceAll(
      /"((?:[^"]|"")*)"/g,
      (_, part: string) => part.replaceAll('""', '"').replaceAll(/\s+/g, " "),
    )
  );
}
