import type {
  LintProblem,
  Script,
  Step,
} from "../../../engine/migrations/mod.ts";
import { alterTable } from "./alter_table.ts";
import { addsValue, alterType } from "./alter_type.ts";
import { type Linter, nothingSeen, type Seen } from "./context.ts";
import { createIndex, createTable, createType } from "./create.ts";
import { destructive } from "./destructive.ts";
import { locking } from "./locking.ts";
import { longNames } from "./long_names.ts";
import { lostNames } from "../file/destructive_names.ts";
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
  const destructive = new Set(script.destructive.flatMap(lostNames));
  return script.steps.flatMap((step) => lintStep(step, destructive, seen))
    .filter(({ rule }) => !ignored.has(rule));
}

function lintStep(
  step: Step,
  destructive: ReadonlySet<string>,
  seen: Seen,
): readonly LintProblem[] {
  seen.pending.clear();
  const readers = step.statements.map(readerOf);
  const context = {
    seen,
    destructive,
    repeat: step.repeat,
    addsValues: readers.every(addsValue),
  };
  return readers.flatMap((reader, index) => {
    const before = (step.lines?.[index] ?? step.line) - 1;
    return LINTERS.flatMap((linter) =>
      [...linter({ ...reader }, context)].map((found) => ({
        ...found,
        line: before + found.line,
      }))
    );
  });
}
