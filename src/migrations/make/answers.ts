import { DecisionError, MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Decision, Intent } from "../../engine/migrations/mod.ts";
import type { MakeOptions } from "../report/options.ts";
import { optionText } from "./quoted_name.ts";

/** Returns the decisions in the options. */
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
 * Returns an intent that includes the answers to some questions.
 *
 * @param asked questions that were answered before; asking again would not help
 * @throws {DecisionError} with the options of all questions, if one has no
 * answer
 */
export async function resolveDecisions(
  decisions: readonly Decision[],
  intent: Intent,
  decide: MakeOptions["decide"],
  asked: Set<string>,
): Promise<Intent> {
  const renames = new Map(intent.renames);
  const drops = new Set(intent.drops);
  const defaults = new Map(intent.defaults);
  for (const decision of decisions) {
    const isRepeated = asked.has(decision.question);
    asked.add(decision.question);
    const answer = isRepeated ? undefined : await decide?.(decision);
    if (answer === undefined) throw decisionError(decisions);
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

/** Reads an answer. Names may contain any character, so the options of the decision show where a name ends. */
function answerOf(answer: string, decision: Decision): Answer {
  const known = knownAnswer(answer, decision);
  if (known !== undefined) return known;
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
    } does not answer "${decision.question}"; valid answers are: ${
      decision.options.join(", ")
    }`,
    { exitCode: EXIT.usage },
  );
}

const DROP = "--drop ";
const RENAME = "--rename ";
const DEFAULT = "--default ";
const PLACEHOLDER = "=VALUE";

function knownAnswer(
  answer: string,
  { options }: Decision,
): Answer | undefined {
  const drop = options.find((option) => option.startsWith(DROP));
  if (drop !== undefined && options.includes(answer)) {
    const name = drop.slice(DROP.length);
    if (answer === drop) return { option: "--drop", name, value: "" };
    const start = `${RENAME}${name}=`;
    if (!answer.startsWith(start)) return undefined;
    return { option: "--rename", name, value: answer.slice(start.length) };
  }
  for (const option of options) {
    if (!option.startsWith(DEFAULT) || !option.endsWith(PLACEHOLDER)) continue;
    const name = option.slice(DEFAULT.length, -PLACEHOLDER.length);
    const value = answer.slice(`${DEFAULT}${name}=`.length);
    if (answer.startsWith(`${DEFAULT}${name}=`) && value !== "") {
      return { option: "--default", name, value };
    }
  }
  return undefined;
}

/** Returns the options of a decision as a shell accepts them. */
function shellOptions(decision: Decision): string[] {
  return decision.options.map((option) => {
    const answer = knownAnswer(option, decision);
    if (answer === undefined) return option;
    const { name, value } = answer;
    return optionText(answer.option, name, value === "" ? undefined : value);
  });
}

function decisionError(decisions: readonly Decision[]): DecisionError {
  return new DecisionError(
    decisions.map((decision) =>
      `${decision.question} Decide with ${shellOptions(decision).join(" or ")}`
    ),
    decisions.flatMap(shellOptions),
  );
}
