import type { Document } from "mongodb";
import { messageOf } from "../../../base/errors/mod.ts";
import type { Script, Step } from "../../../engine/migrations/mod.ts";
import { printDirective } from "../../../migrations/file/directive.ts";
import { jsonHash } from "../../../migrations/file/json_hash.ts";
import { fileError, type Position } from "../../../migrations/file/position.ts";
import {
  type FilePart,
  readParts,
  type StepPart,
} from "../../../migrations/file/read_parts.ts";
import {
  PLAIN_STEP,
  printStep,
} from "../../../migrations/file/step_directive.ts";
import { checkCommand } from "./check_command.ts";
import { subjectOf } from "./command.ts";
import { type Element, elementsOf } from "./array_elements.ts";
import { inexactIn } from "./inexact_numbers.ts";
import { isDocument } from "../../schema/documents.ts";
import { commandIn, textOf } from "./json.ts";
import { RULES } from "./rules.ts";

const WORDS = { rules: RULES, requires: "mongodb>=7" };

/** The only key of an element that is a directive. */
export const MARK = "dbp";

/** A command and its position. */
interface Located {
  readonly command: Document;
  readonly position: Position;
}

/**
 * Reads a file: an array of commands in Extended JSON, each a step of its own,
 * and of directives such as `{ "dbp": "step repeat" }`, which applies to the
 * next command.
 *
 * @param file its name, for errors
 * @throws {MigrationError} with exit code 4, naming file, line and problem
 */
export function parse(text: string, file: string): Script {
  const { steps, directives, whole } = readParts(
    partsOf(text, file),
    WORDS,
    true,
  );
  const read = steps.map(toStep);
  return {
    ...whole,
    steps: read,
    checksum: jsonHash([
      directives.map(printDirective),
      read.map(({ hash }) => hash),
    ]),
  };
}

function* partsOf(text: string, file: string): Generator<FilePart<Located>> {
  for (const [index, element] of elementsOf(text, file).entries()) {
    const { position } = element;
    const command = readCommand(element, index);
    if (isComment(command)) continue;
    const directive = directiveIn(command, position);
    yield directive === undefined
      ? { position, statement: { command, position } }
      : { position, directive };
  }
}

function readCommand(
  { text, value, position }: Element,
  index: number,
): Document {
  const element = `element ${index + 1}`;
  let command: unknown;
  try {
    command = commandIn(text);
  } catch (error) {
    throw fileError(
      position,
      `${element} is not valid Extended JSON: ${messageOf(error)}`,
    );
  }
  const inexact = inexactIn(value);
  if (inexact !== undefined) {
    throw fileError(
      position,
      `${element} is not valid Extended JSON: invalid value ${inexact}`,
    );
  }
  if (text.startsWith("{") && isDocument(command)) return command;
  throw fileError(
    position,
    `${element} must be an object: a command or a directive`,
  );
}

/** Returns whether an element only informs people: `{ "comment": "…" }`. */
function isComment(element: Document): boolean {
  const [key, ...others] = Object.keys(element);
  return key === "comment" && others.length === 0;
}

/** Returns the text of a directive; undefined for a command. */
function directiveIn(
  element: Document,
  position: Position,
): string | undefined {
  const keys = Object.keys(element);
  const [mark] = keys.filter((key) => /^[dbp]{3}:?$/i.test(key));
  if (mark === undefined) return undefined;
  if (mark !== MARK) {
    throw fileError(
      position,
      `"${mark}" does not begin a directive`,
      `"${MARK}"`,
    );
  }
  if (keys.length > 1) {
    throw fileError(
      position,
      `a directive must be an element of its own, such as { "dbp": "step repeat" }; this one also has ${
        keys.filter((key) => key !== MARK).join(", ")
      }`,
    );
  }
  const text: unknown = element[MARK];
  if (typeof text !== "string") {
    throw fileError(
      position,
      'a directive must be a string: { "dbp": "step repeat" }',
    );
  }
  if (text.startsWith(`${MARK}:`)) {
    throw fileError(
      position,
      `"${text}" repeats dbp`,
      `"${text.slice(MARK.length + 1)}"`,
    );
  }
  if (/^step\b/.test(text)) refuseSqlOptions(text, position);
  return text;
}

/** Refuses options of a step that only SQL files have. */
function refuseSqlOptions(text: string, position: Position): void {
  if (/\btx=/.test(text)) {
    throw fileError(
      position,
      "MongoDB has no option tx: each step is one command, without a transaction",
    );
  }
  if (/\block_timeout=/.test(text)) {
    throw fileError(
      position,
      "MongoDB has no option lock_timeout",
      "statement_timeout",
    );
  }
}

function toStep(
  { options, position, statements: [statement] }: StepPart<Located>,
): Step {
  if (statement === undefined) {
    throw fileError(
      position,
      `"${MARK}": "step …" applies to the next command, but no command follows`,
    );
  }
  const { command, position: { line } } = statement;
  const { repeat, statementTimeout } = options;
  checkCommand(command, repeat, statement.position);
  const { comment, ...does } = command;
  return {
    ...PLAIN_STEP,
    transaction: false,
    repeat,
    statementTimeout,
    // The comment comes last, because reports show the beginning.
    statements: [textOf(comment === undefined ? does : { ...does, comment })],
    title: Object.values(subjectOf(command)).join(" "),
    line,
    hash: jsonHash([
      textOf(does),
      printStep({ ...PLAIN_STEP, repeat, statementTimeout }),
    ]),
  };
}
