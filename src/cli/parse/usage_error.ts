import { DbPluginsError, suggestionText } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";

/** The command line is wrong. */
export class UsageError extends DbPluginsError {}

/** What could stand behind these words and begin like this. */
export type Choices = (
  before: readonly string[],
  prefix: string,
) => readonly string[];

/** Commands and options that the parser brings along. */
const META = ["--version", "--help", "help", "completions"];

/** An error with a word on where help is. */
export function usageError(
  problem: string,
  args: readonly string[],
  choices: Choices,
): UsageError {
  const said = problem.replaceAll(/\s*\n\s*/g, " ");
  const [first = ""] = args;
  const words = [...choices([], ""), "completions"].includes(first)
    ? ["dbp", first, "--help"]
    : ["dbp", "--help"];
  return new UsageError(
    `${said}${/[.?]$/.test(said) ? "" : "."} \`${
      words.join(" ")
    }\` tells what there is`,
  );
}

/** What to say of a word that is no command or option where it stands. */
export function unexpected(
  word: string,
  args: readonly string[],
  choices: Choices,
): string {
  const [name = ""] = word.split("=");
  const command = choices([], "").find((command) => command === args[0]);
  const said = command !== undefined
    ? `${command} takes no ${name}`
    : name.startsWith("-")
    ? `There is no option ${name} before the command`
    : `There is no command ${name}`;
  const names = command === undefined
    ? choices([], "")
    : choices([command], "--");
  // The spelling that help names first comes last: it wins among equals.
  const close = nearest(name, [...names, ...META].reverse()) ??
    quoted(word, args);
  return said + suggestionText(close);
}

/** The option to whose words one more belongs that was left outside of quotes. */
function quoted(word: string, args: readonly string[]): string | undefined {
  const place = args.indexOf(word);
  const [option, first] = args.slice(Math.max(0, place - 2), place);
  return option === "--name" && !word.startsWith("-")
    ? `${option} "${first} ${word}"`
    : undefined;
}
