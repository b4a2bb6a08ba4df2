/** Forwards or back. */
export type Direction = "up" | "down";

/** The way in which a file's statements are run. */
export interface Step {
  /** Whether its statements are one transaction, together with the record that it is done. A step without one holds a single statement, which may be run again. */
  readonly transaction: boolean;
  /** Whether its single statement is run again, each time in a transaction of its own, until it changes no row: how a large table is filled in parts. */
  readonly repeat: boolean;
  /** Milliseconds that a statement waits for a lock before the step is tried again; 0 waits for ever. Undefined is the engine's own limit. */
  readonly lockTimeout: number | undefined;
  /** Milliseconds that a statement may take; 0 is for ever. Undefined is the engine's own limit. */
  readonly statementTimeout: number | undefined;
  /** The statements one by one, as the engine sends them. */
  readonly statements: readonly string[];
  /** The line of the file on which each statement begins, from 1, where the engine tells. */
  readonly lines?: readonly number[] | undefined;
  /** What it begins with, in a line for people, without values, which may be secrets. */
  readonly title: string;
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** What it does, whatever its white space and comments: equal for equal tokens. */
  readonly hash: string;
}

/** A rule that a file breaks on purpose. */
export interface Ignored {
  /** The rule's name. */
  readonly rule: string;
  /** Why that is right here. */
  readonly why: string;
}

/** One file, read: one direction of a migration. */
export interface Script {
  /** Its steps, in order; none in an empty file. */
  readonly steps: readonly Step[];
  /** What it may lose, as `drop-column object.stellar`: the `dbp:destructive` lines. */
  readonly destructive: readonly string[];
  /** Why there is no way back, where the file says so. */
  readonly irreversible: string | undefined;
  /** The rules that it breaks on purpose. */
  readonly ignored: readonly Ignored[];
  /** What the server must be, as `pg>=14`. */
  readonly requires: readonly string[];
  /** Of its tokens: the same for any white space, comments, line ends, byte order mark; directives count. */
  readonly checksum: string;
}
