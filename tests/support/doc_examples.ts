/** A documentation example. */
interface DocExample {
  /** The line of the file where its code block begins, from 1. */
  readonly line: number;
  readonly code: string;
}

/** A code block that has no end yet. */
interface Block {
  readonly line: number;
  /** The backticks that end it. */
  readonly fence: string;
  readonly isQuoted: boolean;
  readonly runs: boolean;
  readonly code: string[];
}

/** The languages of the examples that `deno test --doc` runs. */
const LANGUAGES = ["ts", "typescript", "mts", "js", "javascript", "mjs"];

/**
 * Returns the examples of a file that `deno test --doc` runs: the code blocks
 * of a Markdown file, or in the `/**` comments of a module, except those that
 * are marked `ignore`.
 */
export function examplesIn(
  text: string,
  isMarkdown: boolean,
): readonly DocExample[] {
  const examples: DocExample[] = [];
  let block: Block | undefined;
  // In Markdown a comment hides what is in it, in a module it holds the documentation.
  let isComment = false;
  const [opening, closing] = isMarkdown
    ? [/^\s*<!--/, /-->/]
    : [/^\s*\/\*\*/, /\*\//];
  for (const [index, whole] of text.split("\n").entries()) {
    if (block === undefined && opening.test(whole)) isComment = true;
    if (isComment !== isMarkdown) {
      const line = isMarkdown ? whole : whole.replace(/^\s*\/?\*+ ?/, "");
      const [, quote = "", fence = "", words = ""] =
        /^([\s>]*)(`{3,})(.*)$/.exec(line) ?? [];
      if (block === undefined) {
        if (fence !== "") {
          const attributes = words.trim().split(/\s+/);
          block = {
            line: index + 1,
            fence,
            isQuoted: quote.includes(">"),
            runs: LANGUAGES.includes(attributes[0] ?? "") &&
              !attributes.includes("ignore"),
            code: [],
          };
        }
      } else if (fence.startsWith(block.fence) && words.trim() === "") {
        const { line, runs, code } = block;
        if (runs) examples.push({ line, code: `${code.join("\n")}\n` });
        block = undefined;
      } else {
        block.code.push(block.isQuoted ? line.replace(/^[\s>]*> ?/, "") : line);
      }
    }
    if (isComment && closing.test(whole)) {
      isComment = false;
      block = undefined;
    }
  }
  return examples;
}
