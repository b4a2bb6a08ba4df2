import type {
  Direction,
  Draft,
  DraftStep,
} from "../../../engine/migrations/mod.ts";
import { looksLikeDirective } from "../../../migrations/file/comment.ts";
import {
  directivesOf,
  printDirective,
} from "../../../migrations/file/directive.ts";
import { printStep } from "../../../migrations/file/step_directive.ts";
import { tokens } from "./tokens.ts";

/** Writes a file that {@link parseSql} reads back unchanged. */
export function printSql(draft: Draft): string {
  const plain = isPlain(draft);
  const header = draft.steps.length === 0
    ? "-- This file has no statements.\n"
    : `-- ${
      plain
        ? "This file runs in one transaction."
        : "Each step runs and is recorded separately."
    }${draft.shown ? "" : " You can edit this file until it is applied."}\n`;
  const head = directivesOf(draft).map((directive) =>
    `-- dbp:${printDirective(directive)}\n`
  );
  return [
    header + head.join(""),
    ...draft.steps.map((step) => printOne(step, plain)),
  ].join("\n");
}

/** Returns a file without statements, with a hint. */
export function emptySql(direction: Direction): string {
  return direction === "up"
    ? `-- Write statements here, and end each with a ;. They all run in one transaction.
-- A line like one of these begins another step:
--   -- dbp:step statement_timeout=1h
--   -- dbp:step tx=none lock_timeout=0 statement_timeout=2h
`
    : `-- Write statements here that undo the up migration, or say why it cannot be undone:
--   -- dbp:irreversible <why>
`;
}

/** Returns a file that contains only a comment. */
export function commentSql(text: string): string {
  return commentLines(text).map((line) => `${line}\n`).join("");
}

/** Returns whether a draft needs no `dbp:step`: one transaction with the default limits. */
function isPlain({ steps }: Draft): boolean {
  return steps.length <= 1 && steps.every((step) => printStep(step) === "step");
}

function printOne(step: DraftStep, plain: boolean): string {
  return [
    ...plain ? [] : [`-- dbp:${printStep(step)}`],
    ...(step.comments ?? []).flatMap(commentLines),
    ...step.statements.map((statement, index) =>
      index > 0 && statement.startsWith("CREATE TABLE")
        ? `\n${ended(statement)}`
        : ended(statement)
    ),
  ].map((line) => `${line}\n`).join("");
}

function commentLines(comment: string): readonly string[] {
  return comment.split(/\r\n?|\n/).map((line) =>
    looksLikeDirective(` ${line}`) ? `-- (${line})` : `-- ${line}`.trimEnd()
  );
}

/** Escapes carriage returns in strings, because tools may change the line ends of a file. */
function withoutReturns(statement: string): string {
  if (!statement.includes("\r")) return statement;
  const strings = [...tokens(statement, "statement")].filter((
    { kind, start },
  ) => kind === "string" && statement[start] === "'");
  return strings.reduceRight((text, { start, end }) => {
    const string = text.slice(start, end);
    if (!string.includes("\r")) return text;
    const signs = string.replaceAll("\\", "\\\\").replaceAll("\r", "\\r");
    return `${text.slice(0, start)}E${signs}${text.slice(end)}`;
  }, statement);
}

/** Ends a statement with a semicolon, which must not be part of a comment. */
function ended(statement: string): string {
  const text = withoutReturns(statement.trim());
  const last = [...tokens(text, "statement")].at(-1);
  return last?.kind === "comment" ? `${text}\n;` : `${text};`;
}
