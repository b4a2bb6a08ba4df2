/**
 * The regular expression of a `like` pattern: `%` matches any text, `_` one
 * code point, and `\` escapes the next character. It is anchored at the start
 * and at the end, unless the pattern has `%` there. The end anchor is `\z`: `$`
 * would also match before a final line break.
 *
 * @param ignoresCase whether ASCII letters match in both cases
 */
export function likePattern(pattern: string, ignoresCase = false): string {
  const [, leading = "", body = ""] = /^(%*)(.*)$/s.exec(pattern) ?? [];
  const parts = [...body.matchAll(/\\(.)|(%+)|(_)|([^\\%_]+)/gsu)];
  const isOpen = parts.at(-1)?.[2] !== undefined;
  if (isOpen) parts.pop();
  const text = parts.map(([, escaped, any, one, plain]) =>
    any !== undefined
      ? ".*"
      : one !== undefined
      ? "."
      : literal(escaped ?? plain ?? "", ignoresCase)
  ).join("");
  const hasNoEnd = isOpen || (body === "" && leading !== "");
  return `${leading === "" ? "^" : ""}${text}${hasNoEnd ? "" : "\\z"}`;
}

function literal(text: string, ignoresCase: boolean): string {
  const escaped = escapeRegExp(text);
  return ignoresCase
    ? escaped.replaceAll(
      /[A-Za-z]/g,
      (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`,
    )
    : escaped;
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
