import type { Draft } from "./plan.ts";
import type { Direction, Script } from "./script.ts";

/** A rule for live databases that a file breaks, or data that it loses without a declaration. */
export interface LintProblem {
  /** The name of the rule, as `dbp:ignore` takes it. */
  readonly rule: string;
  /** The line of the file, from 1. */
  readonly line: number;
  /** What is unsafe, why, and what to write instead. */
  readonly problem: string;
}

/** How an engine reads and writes its files. All functions are pure. */
export interface MigrationDialect {
  /** The folder of the files, inside the migrations folder: `sql`. */
  readonly folder: string;
  /** The end of their names: `.sql`. */
  readonly extension: string;
  /**
   * Reads a file.
   *
   * @param file its name, for errors
   * @throws {MigrationError} with exit code 4, naming file, line, problem and
   * the nearest valid word
   */
  parse(text: string, file: string): Script;
  /** Writes a file that {@link parse} reads back. It never contains a secret. */
  print(draft: Draft): string;
  /** Returns the rules that a file breaks and does not ignore. */
  lint(script: Script, direction: Direction): readonly LintProblem[];
  /** Returns a file without statements, with a hint. */
  empty(direction: Direction): string;
  /** Returns a file that contains only a comment. */
  comment(text: string): string;
}
