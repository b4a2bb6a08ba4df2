import type { Document } from "mongodb";
import type { Script, Step } from "../../../engine/migrations/mod.ts";
import {
  fileDirectives,
  parseDirective,
  type PlacedDirective,
  printDirective,
} from "../../../migrations/file/directive.ts";
import { fileError, type Place } from "../../../migrations/file/file_error.ts";
import {
  PLAIN_STEP,
  printStep,
  type StepOptions,
} from "../../../migrations/file/step_directive.ts";
import { checkCommand } from "./check_command.ts";
import { subjectOf } from "./command.ts";
import { elementsOf } from "./array_elements.ts";
import { inexactIn } from "./inexact_numbers.ts";
import { commandIn, hashOf, isDocument, textOf } from "./json.ts";
import { RULES } from "./rules.ts";

const WORDS = { rules: RULES, requires: "mongodb>=7" };

/** What an element with a directive has as its only key. */
export const MARK = "dbp";

/**
 * Reads a file: an array of commands in Extended JSON, each a step of its own,
 * and of directives as `{ "dbp": "step repeat" }`, which is about the command
 * that comes next.
 *
 * @throws {MigrationError} with exit code 4
 */
export function parse(text: string, file: string): Script {
  const placed: PlacedDirective[] = [];
  const steps: Step[] = [];
  let next:
    | { readonly options: StepOptions; readonly place: Place }
    | undefined;
  for (
    const [index, { text: json, place }] of elementsOf(text, file).entries()
  ) {
    const command = read(json, index, place);
    if (isComment(command)) continue;
    const said = directiveIn(command, place);
    if (said === undefined) {
      steps.push(stepOf(command, next?.options ?? PLAIN_STEP, place));
      next = undefined;
      continue;
    }
    const directive = parseDirective(said, place, WORDS);
    placed.push({ directive, place });
    if (directive.kind !== "step") continue;
    checkOptions(said, place);
    if (next !== undefined) throw unused(next.place);
    next = { options: directive, place };
  }
  if (next !== undefined) throw unused(next.place);
  const about = fileDirectives(placed);
  return {
    steps,
    ...about,
    checksum: hashOf(JSON.stringify([
      placed.flatMap(({ directive }) =>
        directive.kind === "step" ? [] : [printDirective(directive)]
      ),
      steps.map(({ hash }) => hash),
    ])),
  };
}

function read(json: string, index: number, place: Place): Document {
  let command: unknown;
  try {
    command = commandIn(json);
  } catch (error) {
    throw fileError(
      place,
      `element ${index + 1} is not Extended JSON: ${
        error instanceof Error ? error.message : error
      }`,
    );
  }
  const inexact = inexactIn(JSON.parse(json));
  if (inexact !== undefined) {
    throw fileError(
      place,
      `element ${index + 1} is not Extended JSON: ${inexact} is no such value`,
    );
  }
  if (json.startsWith("{") && isDocument(command)) return command;
  throw fileError(
    place,
    `element ${index + 1} is no command and no directive, which are objects`,
  );
}

/** An element for people only: `{ "comment": "…" }`. */
function isComment(element: Document): boolean {
  const [key, ...others] = Object.keys(element);
  return key === "comment" && others.length === 0;
}

/** What a directive says, or undefined for a command. */
function directiveIn(element: Document, place: Place): string | undefined {
  const keys = Object.keys(element);
  const [first = "", ...others] = keys;
  const marks = keys.filter((key) => /^[dbp]{3}:?$/i.test(key));
  const [mark] = marks;
  if (mark === undefined) return undefined;
  if (mark !== MARK) {
    throw fileError(place, `"${mark}" begins no directive`, `"${MARK}"`);
  }
  if (first !== MARK || others.length > 0) {
    throw fileError(
      place,
      `a directive is an element of its own, as { "dbp": "step repeat" }; this one has ${
        keys.filter((key) => key !== MARK).join(", ")
      } too`,
    );
  }
  const said: unknown = element[MARK];
  if (typeof said !== "string") {
    throw fileError(place, 'a directive is text, as { "dbp": "step repeat" }');
  }
  if (said.startsWith(`${MARK}:`)) {
    throw fileError(
      place,
      `"${said}" says dbp twice`,
      `"${said.slice(MARK.length + 1)}"`,
    );
  }
  return said;
}

function stepOf(
  command: Document,
  { repeat, statementTimeout }: StepOptions,
  place: Place,
): Step {
  checkCommand(command, repeat, place);
  const { comment, ...does } = command;
  return {
    transaction: false,
    repeat,
    lockTimeout: undefined,
    statementTimeout,
    // What it does is to be seen first where there is little room.
    statements: [textOf(comment === undefined ? does : { ...does, comment })],
    title: Object.values(subjectOf(command)).join(" "),
    line: place.line,
    hash: hashOf(
      JSON.stringify([
        textOf(does),
        printStep({ ...PLAIN_STEP, repeat, statementTimeout }),
      ]),
    ),
  };
}

/** MongoDB's steps have less to say. */
function checkOptions(said: string, place: Place): void {
  if (/\btx=/.test(said)) {
    throw fileError(
      place,
      "tx is not for MongoDB, whose steps are one command each and no transactions",
    );
  }
  if (/\block_timeout=/.test(said)) {
    throw fileError(
      place,
      "lock_timeout is not for MongoDB, which has none",
      "statement_timeout",
    );
  }
}

function unused(place: Place): Error {
  return fileError(
    place,
    `"${MARK}": "step …" is about the command that comes next, and there is none`,
  );
}
