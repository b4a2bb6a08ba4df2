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

/** Writes a file that is read back as it was meant. */
export function printSql(draft: Draft): string {
  const plain = isPlain(draft);
  const header = draft.steps.length === 0
    ? "-- There is nothing to run.\n"
    : `-- ${
      plain ? "One transaction." : "Each step is done and recorded by itself."
    }${draft.shown ? "" : " It may be edited until it is applied."}\n`;
  const head = directivesOf(draft).map((directive) =>
    `-- dbp:${printDirective(directive)}\n`
  );
  return [
    header + head.join(""),
    ...draft.steps.map((step) => printOne(step, plain)),
  ].join("\n");
}

/** A file with nothing in it but a hint how to go on. */
export function emptySql(direction: Direction): string {
  return direction === "up"
    ? `-- Write statements here, each with a ; at its end. All of them are one transaction.
-- Further steps begin with lines like these:
--   -- dbp:step statement_timeout=1h
--   -- dbp:step tx=none lock_timeout=0 statement_timeout=2h
`
    : `-- Write here what undoes the other file, or say that nothing does:
--   -- dbp:irreversible <why>
`;
}

/** A file with nothing in it but words. */
export function commentSql(words: string): string {
  return commentLines(words).map((line) => `${line}\n`).join("");
}

/** One step in a transaction without limits needs no directive. */
function isPlain({ steps }: Draft): boolean {
  return steps.length <= 1 && steps.every((step) => printStep(step) === "step");
}

function printOne(step: DraftStep, plain: boolean): string {
  return [
    ...plain ? [] : [`-- dbp:${printStep(step)}`],
    ...(step.comments ?? []).flatMap(commentLines),
    ...step.statements.map((statement, place) =>
      place > 0 && statement.startsWith("CREATE TABLE")
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

/** Line ends of a file are the system's, so that one within a string is written as a sign. */
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

/** A `;` in a comment ends nothing. */
function ended(statement: string): string {
  const text = withoutReturns(statement.trim());
  const last = [...tokens(text, "statement")].at(-1);
  return last?.kind === "comment" ? `${text}\n;` : `${text};`;
}
