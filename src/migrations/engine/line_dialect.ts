import type {
  Draft,
  MigrationDialect,
  Script,
  Step,
} from "../../engine/migrations/mod.ts";
import { directiveText, looksLikeDirective } from "../file/comment.ts";
import { directivesOf, KINDS, printDirective } from "../file/directive.ts";
import { jsonHash } from "../file/json_hash.ts";
import { fileError } from "../file/position.ts";
import {
  type FilePart,
  readParts,
  scriptChecksum,
  type StepPart,
} from "../file/read_parts.ts";
import { printStep } from "../file/step_directive.ts";

/** The syntax of files in which each line is a statement. */
export interface LineSyntax {
  /** The lint rules that files may ignore. */
  readonly rules: readonly string[];
  /** An example of a requirement: `memory>=1`. */
  readonly requires: string;
  /** The folder of the files, inside the migrations folder. */
  readonly folder: string;
  /** The end of their names: `.txt`. */
  readonly extension: string;
  /** The sign that begins a comment: `#`. */
  readonly comment: string;
  /** Whether directives are lines such as `step`, and not comments such as `# dbp:step`. */
  readonly bareDirectives?: boolean;
  /** Returns the problem of an invalid statement. */
  readonly check?: (statement: string) => string | undefined;
  /** Returns the lint rules that a file breaks; none by default. */
  readonly lint?: MigrationDialect["lint"];
}

/** Returns a dialect in which each line of a file is a statement, a comment or a directive. */
export function lineDialect(syntax: LineSyntax): MigrationDialect {
  const { folder, extension, lint = () => [] } = syntax;
  const comment = (text: string): string =>
    text.split("\n").map((line) => `${syntax.comment} ${line}\n`).join("");
  return {
    folder,
    extension,
    lint,
    comment,
    parse: (text, file) => parse(text, file, syntax),
    print: (draft) => print(draft, syntax),
    empty: (direction) =>
      comment(`Write the statements of the ${direction} migration here.`),
  };
}

function parse(text: string, file: string, syntax: LineSyntax): Script {
  const { steps, directives, whole } = readParts(
    partsOf(text, file, syntax),
    syntax,
  );
  const read = steps.map((step) => toStep(step, file));
  return { ...whole, steps: read, checksum: scriptChecksum(directives, read) };
}

function* partsOf(
  text: string,
  file: string,
  { comment, bareDirectives = false, check = () => undefined }: LineSyntax,
): Generator<FilePart<string>> {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n?|\n/);
  for (const [index, written] of lines.entries()) {
    const line = written.trim().replaceAll(/\s+/g, " ");
    const position = { file, line: index + 1 };
    const directive = bareDirectives
      ? KINDS.find((kind) => line === kind || line.startsWith(`${kind} `)) &&
        line
      : line.startsWith(comment)
      ? directiveText(line.slice(comment.length), position)
      : undefined;
    if (directive !== undefined) yield { position, directive };
    else if (line !== "" && !line.startsWith(comment)) {
      const problem = check(line);
      if (problem !== undefined) throw fileError(position, problem);
      yield { position, statement: line };
    }
  }
}

function toStep(
  { options, position: { line }, statements }: StepPart<string>,
  file: string,
): Step {
  const [title] = statements;
  if (title === undefined) {
    throw fileError({ file, line }, "the step has no statement");
  }
  const hash = jsonHash([options.transaction, options.repeat, statements]);
  return { ...options, statements, title, line, hash };
}

function print(
  draft: Draft,
  { comment, bareDirectives }: LineSyntax,
): string {
  const mark = bareDirectives ? "" : `${comment} dbp:`;
  const commentLine = (text: string): string =>
    `${comment} ${looksLikeDirective(` ${text}`) ? `(${text})` : text}`;
  return [
    ...directivesOf(draft).map((directive) => mark + printDirective(directive)),
    ...draft.steps.flatMap((step) => [
      mark + printStep(step),
      ...(step.comments ?? []).map(commentLine),
      ...step.statements,
    ]),
    "",
  ].join("\n");
}
