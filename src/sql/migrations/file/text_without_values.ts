import { tokens } from "./tokens.ts";

/** The most texts that are kept: those of a program repeat. */
const KEPT = 1_000;

/**
 * Returns a function that replaces the strings and numbers of a statement with
 * question marks, and its comments with spaces. Of a statement that it cannot
 * read, only the first word remains.
 */
export function textWithoutValues(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = withoutValues(text);
    if (known.size >= KEPT) known.clear();
    known.set(text, result);
    return result;
  };
}

function withoutValues(text: string): string {
  const parts: string[] = [];
  let end = 0;
  let isSpaced = true;
  const add = (part: string): void => {
    parts.push(part);
    isSpaced = part === " ";
  };
  const addSpace = (): void => {
    if (!isSpaced) add(" ");
  };
  try {
    for (const token of tokens(text, "")) {
      const isNext = token.start === end;
      end = token.end;
      if (token.kind === "comment" || token.kind === "meta") {
        addSpace();
        continue;
      }
      if (!isNext) addSpace();
      add(
        token.kind === "string" || token.kind === "number"
          ? "?"
          : text.slice(token.start, token.end),
      );
    }
    return parts.join("").trim();
  } catch {
    return /^\s*(\w+)/.exec(text)?.[1] ?? "?";
  }
}
