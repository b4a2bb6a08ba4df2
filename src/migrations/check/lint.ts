import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Direction,
  MigrationDialect,
} from "../../engine/migrations/mod.ts";
import type { SourceFile } from "../folder/source_file.ts";
import type { Problem } from "../report/reports.ts";
import type { Pending } from "./compare.ts";

/** Returns the lint rules that a file breaks and does not ignore. */
export function lintFile(
  dialect: MigrationDialect,
  { path, script }: Pick<SourceFile, "path" | "script">,
  direction: Direction,
): Problem[] {
  return dialect.lint(script, direction).map(({ rule, line, problem }) => ({
    exitCode: EXIT.lint,
    kind: rule,
    file: path,
    line,
    problem: `${path}:${line}: ${problem} (${rule})`,
  }));
}

/** Returns the lint rules that pending files and their down files break. */
export function lintPending(
  dialect: MigrationDialect,
  pending: readonly Pending[],
): Problem[] {
  return pending.flatMap(({ id, files: { up, down } }) =>
    [
      ...lintFile(dialect, up, "up"),
      ...(down === undefined ? [] : lintFile(dialect, down, "down")),
    ].map((problem) => ({ ...problem, id }))
  );
}
