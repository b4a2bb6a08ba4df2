import { DbPluginsError, suggestionText } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";

/** The command line is wrong. */
export class UsageError extends DbPluginsError {}

/** Returns the words that can follow the words before, and begin with the prefix. */
type Choices = (
  before: readonly string[],
  prefix: string,
) => readonly string[];

/** Commands and options that the parser library adds. */
const META = ["--version", "--help", "help", "completions"];

/** Adds the page of help to read to an error. */
export function usageError(
  problem: string,
  args: readonly string[],
  choices: Choices,
): UsageError {
  // A URL may hold a password; the text after it cannot be distinguished from the password.
  const line = problem
    .replaceAll(/\s+/g, (space) => space.includes("\n") ? " " : space)
    .replace(/(?<=:\/\/).*/s, "…");
  const [first = ""] = args;
  const help = [...choices([], ""), "completions"].includes(first)
    ? `dbp ${first} --help`
    : "dbp --help";
  return new UsageError(
    `${line}${/[.?]$/.test(line) ? "" : "."} See \`${help}\`.`,
  );
}

/** The error for a word that the parser does not expect, with the nearest right word. */
export function unexpectedText(
  word: string,
  args: readonly string[],
  choices: Choices,
): string {
  const [name = ""] = word.split("=");
  const command = choices([], "").find((command) => command === args[0]);
  const isOption = name.startsWith("-");
  const problem = command !== undefined
    ? `${
      isOption ? "Unknown option" : "Unexpected argument"
    } ${name} for ${command}`
    : isOption
    ? `Unknown option ${name} before the command`
    : `Unknown command ${name}`;
  const names = command === undefined
    ? choices([], "")
    : choices([command], "--");
  // Of equally near names the last wins: reversed, the spelling that help shows.
  const close = nearest(name, [...names, ...META].reverse()) ??
    quotedName(word, args);
  return problem + suggestionText(close);
}

/** The option `--name` with the words after it in quotes. */
function quotedName(word: string, args: readonly string[]): string | undefined {
  const index = args.indexOf(word);
  const [option, first] = args.slice(Math.max(0, index - 2), index);
  return option === "--name" && !word.startsWith("-")
    ? `${option} "${first} ${word}"`
    : undefined;
}
