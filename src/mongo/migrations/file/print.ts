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

/** A file, one element below the other. */
export function print(draft: Draft): string {
  const directive = (said: string): string =>
    `${INDENT}{ "${MARK}": ${JSON.stringify(said)} }`;
  const elements = [
    ...directivesOf(draft).map((one) => directive(printDirective(one))),
    ...draft.steps.flatMap((
      { repeat, statementTimeout, statements, comments = [] },
    ) => {
      const options = { ...PLAIN_STEP, repeat, statementTimeout };
      const said = printStep(options);
      return [
        ...said === printStep(PLAIN_STEP) ? [] : [directive(said)],
        ...statements.map((text) =>
          `${INDENT}${printed(withComment(commandIn(text), comments), INDENT)}`
        ),
      ];
    }),
  ];
  return elements.length === 0 ? "[]\n" : `[\n${elements.join(",\n")}\n]\n`;
}

/** MongoDB keeps a command's comment in its log, and so does the file. */
function withComment(
  command: Document,
  comments: readonly string[],
): Document {
  if (comments.length === 0) return command;
  const { comment: own, ...does } = command;
  const [name, ...others] = Object.entries(does);
  const words = typeof own === "string" ? [...comments, own] : comments;
  return Object.fromEntries([
    ...name === undefined ? [] : [name],
    ["comment", words.join(" ")],
    ...others,
  ]);
}
