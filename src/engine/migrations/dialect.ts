import type { Draft } from "./plan.ts";
import type { Direction, Script } from "./script.ts";

/** What a file does that a live database may not stand, or that loses data without saying so. */
export interface LintProblem {
  /** The rule's name, which `dbp:ignore` takes. */
  readonly rule: string;
  /** The line of the file, from 1. */
  readonly line: number;
  /** What is wrong and what to write instead. */
  readonly problem: string;
}

/** How an engine writes its files. Knows no database; everything here is pure. */
export interface MigrationDialect {
  /** The folder of its files below the migrations folder: `sql`. */
  readonly folder: string;
  /** How its files end: `.sql`. */
  readonly extension: string;
  /**
   * Reads a file.
   *
   * @param file its name, for errors
   * @throws {MigrationError} with exit code 4, naming file, line, the wrong
   * thing and the nearest right one
   */
  parse(text: string, file: string): Script;
  /** Writes a file that {@link parse} reads back. Never holds a secret. */
  print(draft: Draft): string;
  /** Rules that a file breaks and does not ignore. */
  lint(script: Script, direction: Direction): readonly LintProblem[];
  /** A file with nothing in it but a hint how to go on. */
  empty(direction: Direction): string;
  /** A file with nothing in it but words for people. */
  comment(words: string): string;
}
