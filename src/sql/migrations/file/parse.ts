import { createHash } from "node:crypto";
import type { Script, Step } from "../../../engine/migrations/mod.ts";
import {
  directiveText,
  looksLikeDirective,
} from "../../../migrations/file/comment.ts";
import {
  directivesOf,
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
import { refuse } from "./step_rules.ts";
import { RULES } from "./rules.ts";
import { type Comment, pieces, type Statement } from "./split.ts";
import { beginning } from "./statement_title.ts";

const WORDS = { rules: RULES, requires: "pg>=14" };

/** A step while it is read. */
interface OpenStep {
  readonly options: StepOptions;
  readonly place: Place;
  readonly statements: Statement[];
}

/**
 * Reads one SQL file.
 *
 * @param file its name, for errors
 * @throws {MigrationError} with exit code 4, naming file, line and the wrong
 * thing
 */
export function parseSql(text: string, file: string): Script {
  refuseNul(text, file);
  const steps: OpenStep[] = [];
  const directives: PlacedDirective[] = [];
  for (const piece of pieces(withLineFeeds(text), file)) {
    const place = { file, line: piece.line };
    if ("tokens" in piece) {
      if (steps.length === 0) {
        steps.push({ options: PLAIN_STEP, place, statements: [] });
      }
      steps.at(-1)?.statements.push(piece);
      continue;
    }
    const directive = directiveIn(piece, place);
    if (directive === undefined) continue;
    const read = parseDirective(directive, place, WORDS);
    if (read.kind === "step") {
      steps.push({ options: stepOptions(read), place, statements: [] });
    } else {
      directives.push({ directive: read, place });
    }
  }
  for (const { options, place, statements } of steps) {
    refuse(options, statements, place);
  }
  const whole = fileDirectives(directives);
  const read = steps.map(toStep);
  return {
    ...whole,
    steps: read,
    checksum: hashOf([
      directivesOf(whole).map(printDirective).sort(),
      read.map((step) => [printStep(step), step.hash]),
    ]),
  };
}

/** The server's protocol ends a text there. */
function refuseNul(text: string, file: string): void {
  const at = text.indexOf("\0");
  if (at < 0) return;
  throw fileError(
    { file, line: withLineFeeds(text.slice(0, at)).split("\n").length },
    "there is a NUL byte, which no SQL holds; is the file cut off, or UTF-16?",
  );
}

/** Without a byte order mark, and with one kind of line end, so that a checkout on another system reads the same. */
function withLineFeeds(text: string): string {
  return text.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n");
}

function directiveIn(
  { comment, alone, within }: Comment,
  place: Place,
): string | undefined {
  if (comment.startsWith("/*")) {
    const text = comment.slice(2, -2).replace(/^\*+/, "");
    if (!looksLikeDirective(text)) return undefined;
    throw fileError(
      place,
      "a directive is a line of its own that begins with --, not a /* comment */",
    );
  }
  const text = directiveText(comment.slice(2), place);
  if (text === undefined) return undefined;
  if (within !== undefined) {
    throw fileError(
      place,
      `dbp:${text} stands inside the statement that begins on line ${within}; is a ; missing before it?`,
    );
  }
  if (!alone) {
    throw fileError(place, `dbp:${text} needs a line of its own`);
  }
  return text;
}

function stepOptions(
  { transaction, repeat, lockTimeout, statementTimeout }: StepOptions,
): StepOptions {
  return { transaction, repeat, lockTimeout, statementTimeout };
}

function toStep({ options, place, statements }: OpenStep): Step {
  return {
    ...options,
    statements: statements.map(({ text }) => text),
    lines: statements.map(({ line }) => line),
    title: beginning(statements[0]?.text ?? ""),
    line: place.line,
    hash: hashOf([
      options.transaction,
      options.repeat,
      statements.map(({ tokens }) => tokens.map(({ value }) => value)),
    ]),
  };
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
