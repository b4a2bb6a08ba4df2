import {
  formatDocPage,
  formatMessage,
  formatUsageTerm,
  getDocPage,
  object,
  or,
  runParser,
  suggestSync,
  text,
} from "./optique.ts";
import type { DocEntry, DocPage } from "@optique/core/doc";
import type { OptionName, Usage, UsageTerm } from "@optique/core/usage";
import type { Invocation } from "../run/context.ts";
import { COMMANDS } from "./commands.ts";
import { everywhere } from "./options.ts";
import { unexpectedText, UsageError, usageError } from "./usage_error.ts";

/** Columns of a page of help. */
const COLUMNS = 80;
const BRIEF = [
  text(
    "Manage databases of alert brokers. `dbp COMMAND --help` explains a command.",
  ),
];
/** The library's own text names a second use, for scripts only. */
const COMPLETIONS = [text("Print a completion script for a shell.")];
const USAGE: Usage = [literal("[--help] [--version] COMMAND [OPTION...]")];

const parser = or(...COMMANDS);

/**
 * Parses a command line.
 *
 * @param out receives help, the version or completions, if requested
 * @returns undefined if one of those was requested
 * @throws {UsageError} if the command line is wrong
 */
export function parseArguments(
  args: readonly string[],
  version: string,
  out: (text: string) => void,
): Invocation | undefined {
  const printed: string[] = [];
  const show = (...texts: readonly string[]): undefined => {
    for (const text of texts) out(text);
    return undefined;
  };
  const showPrinted = (): undefined => show(...printed);
  const strict = or(...COMMANDS, {
    errors: {
      unexpectedInput: (word) => [text(unexpectedText(word, args, choices))],
    },
  });
  try {
    return runParser<typeof strict, undefined, never>(
      strict,
      "dbp",
      args.length === 0 ? ["--help"] : args,
      {
        brief: BRIEF,
        usageLine: USAGE,
        help: {
          command: { hidden: "help" },
          option: { names: ["--help", "-h"], hidden: "help" },
          onShow: (_code, page) => show(helpText(page)),
        },
        version: {
          option: { hidden: "help" },
          value: version,
          onShow: showPrinted,
        },
        completion: {
          command: { names: ["completions", "completion"] },
          onShow: showPrinted,
        },
        aboveError: "none",
        onError: (_code, problem) => {
          throw new UsageError(
            formatMessage(problem, { quotes: false }).split("\n"),
          );
        },
        // The library also prints the line breaks between completions.
        stdout: (text) => {
          if (text.trim() !== "") printed.push(text.trimEnd());
        },
        stderr: () => {},
      },
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [, unknown] = UNKNOWN.exec(error.message) ?? [];
    throw usageError(
      unknown === undefined ? error.message : unexpectedText(
        unknown,
        args[0] === "help" ? args.slice(1) : args,
        choices,
      ),
      args,
      choices,
    );
  }
}

/** The library's error if help is requested for an unknown command. */
const UNKNOWN = /^Unexpected option or subcommand: (\S+)\.(?:\s|$)/;

function choices(before: readonly string[], prefix: string): string[] {
  const [first = prefix, ...rest] = [...before, prefix];
  return suggestSync(parser, [first, ...rest]).flatMap((suggestion) =>
    suggestion.kind === "literal" ? [suggestion.text] : []
  );
}

/** Formats a page with one spelling of each option. The page of `dbp` itself ends with the common options. */
function helpText(page: DocPage): string {
  const sections = page.brief === BRIEF
    ? [...page.sections, ...getDocPage(object(everywhere))?.sections ?? []]
    : page.sections;
  const text = formatDocPage("dbp", {
    ...page,
    // The library breaks lines inside of the brackets of an option, but not in a literal.
    usage: page.usage?.map((term) =>
      term.type === "command"
        ? term
        : literal(formatUsageTerm(oneSpelling(term)))
    ) ?? [],
    sections: sections.map(({ entries, ...section }) => ({
      ...section,
      entries: entries.map((entry): DocEntry => ({
        ...entry,
        term: oneSpelling(entry.term),
        ...isCompletions(entry.term) ? { description: COMPLETIONS } : {},
      })),
    })),
    ...page.usage?.some(isCompletions)
      ? { brief: COMPLETIONS, description: COMPLETIONS }
      : {},
  }, { maxWidth: COLUMNS, termWidth: "auto" });
  return text.replaceAll(/(?<! ) +$/gm, "").trimEnd();
}

function isCompletions(term: UsageTerm): boolean {
  return term.type === "command" && term.name === "completions";
}

function oneSpelling(term: UsageTerm): UsageTerm {
  switch (term.type) {
    case "option":
      return { ...term, names: term.names.filter(isFirstSpelling) };
    case "optional":
    case "multiple":
      return { ...term, terms: term.terms.map(oneSpelling) };
    default:
      return term;
  }
}

function isFirstSpelling(
  name: OptionName,
  index: number,
  names: readonly OptionName[],
): boolean {
  const folded = (name: string): string => name.replaceAll("_", "-");
  return names.findIndex((other) => folded(other) === folded(name)) === index;
}

function literal(value: string): UsageTerm {
  return { type: "literal", value };
}
