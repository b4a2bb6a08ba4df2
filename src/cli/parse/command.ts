import {
  command as commandParser,
  lineBreak,
  map,
  object,
  text,
} from "./optique.ts";
import type { Message } from "@optique/core/message";
import type { Invocation, Run } from "../run/context.ts";
import { common, type Part } from "./options.ts";

/** Parses one command with its options. */
export type Command = Part<Invocation>;

/** What a command declares: its name, its help and its options. */
interface Declaration<Options> {
  /** The name, which is also the name of its file in `src/cli/run/`. */
  readonly name: string;
  /** The command's line in `dbp --help`: an imperative of at most 60 characters. */
  readonly brief: string;
  readonly description: string;
  /** A parser for each option that `run` takes. */
  readonly options: { readonly [Name in keyof Options]-?: Part<Options[Name]> };
  readonly examples: readonly string[];
  /** Throws a `UsageError` if options do not go together. */
  readonly check?: (options: Options) => void;
}

/**
 * Declares a command.
 *
 * @typeParam Runner the function `run` of the command's file in `src/cli/run/`
 */
export function command<Runner extends Run>(
  declaration: Declaration<Parameters<Runner>[0]>,
): Command;
export function command(
  { name, brief, description, options, examples, check }: Declaration<
    Readonly<Record<string, unknown>>
  >,
): Command {
  return commandParser(
    name,
    map(
      object({ ...options, ...common }),
      ({ settingsPath, db, models, json, ...options }) => {
        check?.(options);
        return {
          name,
          settings: { settingsPath, db, models },
          json,
          options,
        };
      },
    ),
    {
      ...(name.includes("_") ? { aliases: [name.replaceAll("_", "-")] } : {}),
      brief: [text(brief)],
      description: [text(description)],
      footer: lines(
        "Option names accept hyphens and underscores.",
        "",
        "Examples:",
        ...examples.map((example) => `  ${example}`),
      ),
    },
  );
}

function lines(first: string, ...others: readonly string[]): Message {
  return [
    text(first),
    ...others.flatMap((line) => [lineBreak(), text(line)]),
  ];
}
