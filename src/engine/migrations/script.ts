/** Whether a migration is applied or rolled back. */
export type Direction = "up" | "down";

/** A step of a file. */
export interface Step {
  /** Whether the statements and the record of the step are one transaction. A step without a transaction has one statement, which may run twice. */
  readonly transaction: boolean;
  /** Whether the single statement is repeated, each time in a transaction of its own, until it changes no row: this fills a large table in batches. */
  readonly repeat: boolean;
  /** Milliseconds that a statement waits for a lock before the step is retried; 0 means forever, undefined the engine's default. */
  readonly lockTimeout: number | undefined;
  /** Milliseconds that a statement may take; 0 means no limit, undefined the engine's default. */
  readonly statementTimeout: number | undefined;
  /** The statements, as the engine sends them. */
  readonly statements: readonly string[];
  /** The line on which each statement begins, from 1, if the engine knows it. */
  readonly lines?: readonly number[] | undefined;
  /** The beginning of the first statement on one line, without values, which may be secrets. */
  readonly title: string;
  /** The line on which the step begins, from 1. */
  readonly line: number;
  /** A hash of the tokens: independent of white space and comments. */
  readonly hash: string;
}

/** A lint rule that a file breaks intentionally. */
export interface Ignored {
  /** The name of the rule. */
  readonly rule: string;
  /** The reason. */
  readonly why: string;
}

/** A file: one direction of a migration. */
export interface Script {
  /** The steps; an empty file has none. */
  readonly steps: readonly Step[];
  /** What the file may lose, from its `dbp:destructive` lines: `drop-column object.stellar`. */
  readonly destructive: readonly string[];
  /** Why the migration cannot be rolled back, if the file says so. */
  readonly irreversible: string | undefined;
  /** The lint rules that the file breaks intentionally. */
  readonly ignored: readonly Ignored[];
  /** Requirements on the server: `pg>=14`. */
  readonly requires: readonly string[];
  /** A hash of tokens and directives: independent of white space, comments, line ends and byte order mark. */
  readonly checksum: string;
}
