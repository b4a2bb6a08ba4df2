import type {
  LintProblem,
  Script,
  Step,
} from "../../../engine/migrations/mod.ts";
import { alterTable } from "./alter_table.ts";
import { alterType } from "./alter_type.ts";
import { type Linter, nothingSeen, type Seen } from "./context.ts";
import { createIndex, createTable, createType } from "./create.ts";
import { destructive } from "./destructive.ts";
import { locking } from "./locking.ts";
import { longNames } from "./long_names.ts";
import { readerOf } from "../file/reader.ts";

const LINTERS: readonly Linter[] = [
  destructive,
  createTable,
  createType,
  createIndex,
  alterTable,
  alterType,
  locking,
  longNames,
];

/** Returns the rules that a file breaks and does not ignore. */
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
  return step.statements.flatMap((statement, index) => {
    const context = {
      seen,
      destructive,
      repeat: step.repeat,
      statements: step.statements,
    };
    const before = (step.lines?.[index] ?? step.line) - 1;
    const reader = readerOf(statement);
    return LINTERS.flatMap((linter) =>
      [...linter({ ...reader }, context)].map((found) => ({
        ...found,
        line: before + found.line,
      }))
    );
  });
}
