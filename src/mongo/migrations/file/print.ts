import type { Document } from "mongodb";
import type { Draft } from "../../../engine/migrations/mod.ts";
import {
  directivesOf,
  printDirective,
} from "../../../migrations/file/directive.ts";
import {
  PLAIN_STEP,
  printStep,
} from "../../../migrations/file/step_directive.ts";
import { commandIn, printed } from "./json.ts";
import { MARK } from "./parse.ts";

const INDENT = "  ";

/** Writes a file, one element below the other. */
export function print(draft: Draft): string {
  const directive = (text: string): string =>
    `${INDENT}{ "${MARK}": ${JSON.stringify(text)} }`;
  const elements = [
    ...directivesOf(draft).map((one) => directive(printDirective(one))),
    ...draft.steps.flatMap((
      { repeat, statementTimeout, statements, comments = [] },
    ) => {
      const options = { ...PLAIN_STEP, repeat, statementTimeout };
      const stepText = printStep(options);
      return [
        ...stepText === printStep(PLAIN_STEP) ? [] : [directive(stepText)],
        ...statements.map((text) =>
          `${INDENT}${printed(withComment(commandIn(text), comments), INDENT)}`
        ),
      ];
    }),
  ];
  return elements.length === 0 ? "[]\n" : `[\n${elements.join(",\n")}\n]\n`;
}

/** Adds comments to a command. The server logs a command's comment. */
function withComment(
  command: Document,
  comments: readonly string[],
): Document {
  if (comments.length === 0) return command;
  const { comment: own, ...does } = command;
  const [name, ...others] = Object.entries(does);
  const texts = typeof own === "string" ? [...comments, own] : comments;
  return Object.fromEntries([
    ...name === undefined ? [] : [name],
    ["comment", texts.join(" ")],
    ...others,
  ]);
}
