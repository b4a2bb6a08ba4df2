/**
 * The regular expression of a `like` pattern: `%` matches any text, `_` one
 * code point, and `\` escapes the next character. It is anchored at the start
 * and at the end, unless the pattern has `%` there. The end anchor is `\z`: `$`
 * would also match before a final line break.
 */
export function likePattern(pattern: string): string {
  const [, leading = "", body = ""] = /^(%*)(.*)$/s.exec(pattern) ?? [];
  const parts = [...body.matchAll(/\\(.)|(%+)|(_)|([^\\%_]+)/gsu)];
  const isOpen = parts.at(-1)?.[2] !== undefined;
  if (isOpen) parts.pop();
  const text = parts.map(([, escaped, any, one, plain]) =>
    any !== undefined
      ? ".*"
      : one !== undefined
      ? "."
      : escapeRegExp(escaped ?? plain ?? "")
  ).join("");
  const hasNoEnd = isOpen || (body === "" && leading !== "");
  return `${leading === "" ? "^" : ""}${text}${hasNoEnd ? "" : "\\z"}`;
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
