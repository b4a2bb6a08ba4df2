/**
 * The regular expression of a `like` pattern: `%` any text, `_` one code
 * point, `\` takes the next character as it is. It is anchored where the
 * pattern does not begin or end with `%`; `\z` is the very end, which `$` is
 * not before a line break.
 */
export function likePattern(pattern: string): string {
  const [, lead = "", body = ""] = /^(%*)(.*)$/s.exec(pattern) ?? [];
  const parts = [...body.matchAll(/\\(.)|(%+)|(_)|([^\\%_]+)/gsu)];
  const open = parts.at(-1)?.[2] !== undefined;
  if (open) parts.pop();
  const text = parts.map(([, escaped, any, one, plain]) =>
    any !== undefined
      ? ".*"
      : one !== undefined
      ? "."
      : quoted(escaped ?? plain ?? "")
  ).join("");
  const anyEnd = open || (body === "" && lead !== "");
  return `${lead === "" ? "^" : ""}${text}${anyEnd ? "" : "\\z"}`;
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
