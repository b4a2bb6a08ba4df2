import type { LintProblem, Script, Step } from "../../migration.ts";
import { alterTable } from "./lint/alter_table.ts";
import { alterType } from "./lint/alter_type.ts";
import { type Linter, nothingSeen, type Seen } from "./lint/context.ts";
import { createIndex, createTable, createType } from "./lint/created.ts";
import { destructive } from "./lint/destructive.ts";
import { heavy } from "./lint/heavy.ts";
import { longNames } from "./lint/names.ts";
import { readerOf } from "./reader.ts";

const LINTERS: readonly Linter[] = [
  destructive,
  createTable,
  createType,
  createIndex,
  alterTable,
  alterType,
  heavy,
  longNames,
];

/** The rules that a file breaks and does not ignore. */
export function lintSql(script: Script): readonly LintProblem[] {
  const seen = nothingSeen();
  const ignored = new Set(script.ignored.map(({ rule }) => rule));
  return script.steps.flatMap((step) => lintStep(step, script, seen))
    .filter(({ rule }) => !ignored.has(rule));
}

function lintStep(
  step: Step,
  { destructive }: Script,
  seen: Seen,
): readonly LintProblem[] {
  seen.pending.clear();
  return step.statements.flatMap((statement, place) => {
    const context = {
      seen,
      destructive,
      repeat: step.repeat,
      statements: step.statements,
    };
    const before = (step.lines?.[place] ?? step.line) - 1;
    const reader = readerOf(statement);
    return LINTERS.flatMap((linter) =>
      [...linter({ ...reader }, context)].map((found) => ({
        ...found,
        line: before + found.line,
      }))
    );
  });
}
