import type { Script, Step } from "../../../engine/migrations/mod.ts";
import {
  directiveText,
  looksLikeDirective,
} from "../../../migrations/file/comment.ts";
import { jsonHash } from "../../../migrations/file/json_hash.ts";
import { fileError, type Position } from "../../../migrations/file/position.ts";
import {
  type FilePart,
  readParts,
  scriptChecksum,
  type StepPart,
} from "../../../migrations/file/read_parts.ts";
import { refuseStep } from "./step_rules.ts";
import { RULES } from "./rules.ts";
import { type Comment, pieces, type Statement } from "./split.ts";
import { statementTitle } from "./statement_title.ts";

const WORDS = { rules: RULES, requires: "pg>=14" };

/**
 * Reads an SQL file.
 *
 * @param file its name, for errors
 * @throws {MigrationError} with exit code 4, naming file, line and problem
 */
export function parseSql(text: string, file: string): Script {
  refuseNul(text, file);
  const { steps, directives, whole } = readParts(partsOf(text, file), WORDS);
  for (const { options, statements, position } of steps) {
    refuseStep(options, statements, position);
  }
  const read = steps.map(toStep);
  return {
    ...whole,
    steps: read,
    checksum: scriptChecksum(directives, read),
  };
}

/** The server's protocol ends a text at a NUL. */
function refuseNul(text: string, file: string): void {
  const at = text.indexOf("\0");
  if (at < 0) return;
  throw fileError(
    { file, line: withLineFeeds(text.slice(0, at)).split("\n").length },
    "the file contains a NUL byte, which SQL does not allow; is the file truncated, or encoded as UTF-16?",
  );
}

/** Removes the byte order mark and unifies the line ends, so that a checkout on another system reads the same. */
function withLineFeeds(text: string): string {
  return text.replace(/^\ufeff/, "").replaceAll(/\r\n?/g, "\n");
}

function* partsOf(
  text: string,
  file: string,
): Generator<FilePart<Statement>> {
  for (const piece of pieces(withLineFeeds(text), file)) {
    const position = { file, line: piece.line };
    if ("tokens" in piece) {
      yield { position, statement: piece };
      continue;
    }
    const directive = directiveIn(piece, position);
    if (directive !== undefined) yield { position, directive };
  }
}

function directiveIn(
  { comment, alone, within }: Comment,
  position: Position,
): string | undefined {
  if (comment.startsWith("/*")) {
    const text = comment.slice(2, -2).replace(/^\*+/, "");
    if (!looksLikeDirective(text)) return undefined;
    throw fileError(
      position,
      "a directive must be a -- comment on a line of its own, not a /* comment */",
    );
  }
  const text = directiveText(comment.slice(2), position);
  if (text === undefined) return undefined;
  if (within !== undefined) {
    throw fileError(
      position,
      `dbp:${text} is inside the statement that begins on line ${within}; is a ; missing before it?`,
    );
  }
  if (!alone) {
    throw fileError(position, `dbp:${text} must be on a line of its own`);
  }
  return text;
}

function toStep({ options, position, statements }: StepPart<Statement>): Step {
  return {
    ...options,
    statements: statements.map(({ text }) => text),
    lines: statements.map(({ line }) => line),
    title: statementTitle(statements[0]?.text ?? ""),
    line: position.line,
    hash: jsonHash([
      options.transaction,
      options.repeat,
      statements.map(({ tokens }) => tokens.map(({ value }) => value)),
    ]),
  };
}
