import { DecisionError, MigrationError } from "../errors.ts";
import type { Decision, Intent } from "../migration.ts";
import type { MakeOptions } from "./options.ts";

/** What the options say about changes that could be read in two ways. */
export function intentOf(
  { renames = {}, drops = [], defaults = {} }: Pick<
    MakeOptions,
    "renames" | "drops" | "defaults"
  >,
): Intent {
  return {
    renames: new Map(Object.entries(renames)),
    drops: new Set(drops),
    defaults: new Map(Object.entries(defaults)),
  };
}

/**
 * An intent with the answers to questions in it.
 *
 * @param asked questions that were answered before; to ask one again is no help
 * @throws {DecisionError} with the options of all questions, where one is left
 * without an answer
 */
export async function decided(
  decisions: readonly Decision[],
  intent: Intent,
  decide: MakeOptions["decide"],
  asked: Set<string>,
): Promise<Intent> {
  const renames = new Map(intent.renames);
  const drops = new Set(intent.drops);
  const defaults = new Map(intent.defaults);
  for (const decision of decisions) {
    const again = asked.has(decision.question);
    asked.add(decision.question);
    const answer = again ? undefined : await decide?.(decision);
    if (answer === undefined) throw undecided(decisions);
    const { option, name, value } = answerOf(answer, decision);
    if (option === "--rename") renames.set(name, value);
    else if (option === "--drop") drops.add(name);
    else defaults.set(name, value);
  }
  return { renames, drops, defaults };
}

interface Answer {
  readonly option: "--rename" | "--drop" | "--default";
  readonly name: string;
  readonly value: string;
}

function answerOf(answer: string, { question, options }: Decision): Answer {
  const [, option, name = "", value = ""] =
    /^(--rename|--drop|--default) ([^=\s]+)(?:=(.+))?$/s.exec(answer.trim()) ??
      [];
  if (option === "--drop" && value === "") return { option, name, value };
  if ((option === "--rename" || option === "--default") && value !== "") {
    return { option, name, value };
  }
  throw new MigrationError(
    `${
      JSON.stringify(answer)
    } is no answer to "${question}"; one of these is: ${options.join(", ")}`,
    { exitCode: 64 },
  );
}

function undecided(decisions: readonly Decision[]): DecisionError {
  const options = decisions.flatMap(({ options }) => options);
  return new DecisionError(
    decisions.map(({ question, options }) =>
      `${question} Decide with ${options.join(" or ")}`
    ).join("\n"),
    options,
  );
}
