import type { Name, Reader } from "../file/reader.ts";
import type { Rule } from "../file/rules.ts";

/** A rule that a statement breaks. */
export interface Finding {
  /** The rule. */
  readonly rule: Rule;
  /** The line of the statement, from 1. */
  readonly line: number;
  /** What is wrong and what to write instead. */
  readonly problem: string;
}

/** What a file has done so far. */
export interface Seen {
  /** Tables that it made. Nobody waits for them yet. */
  readonly tables: Set<string>;
  /** Types that it made. */
  readonly types: Set<string>;
  /** Indexes that it made. */
  readonly indexes: Set<string>;
  /** From `table#constraint` to the column that such a constraint says is never null. */
  readonly checks: Map<string, string>;
  /** `table.column` that a constraint proves to hold no nulls; `table.*` where an older constraint may. */
  readonly proven: Set<string>;
  /** Constraints that the step at hand added NOT VALID, as `table#constraint`. */
  readonly pending: Set<string>;
}

/** A statement and what is known about it. */
export interface Context {
  readonly seen: Seen;
  /** The `dbp:destructive` lines. */
  readonly destructive: readonly string[];
  /** Whether the step runs it again and again. */
  readonly repeat: boolean;
  /** All of its step. */
  readonly statements: readonly string[];
}

/** What one statement, or its beginnings, breaks. */
export type Linter = (reader: Reader, context: Context) => Iterable<Finding>;

/** At the start of a file. */
export function nothingSeen(): Seen {
  return {
    tables: new Set(),
    types: new Set(),
    indexes: new Set(),
    checks: new Map(),
    proven: new Set(),
    pending: new Set(),
  };
}

/** At the token that is next. */
export function finding(
  { tokens, at }: Reader,
  rule: Rule,
  problem: string,
): Finding {
  return { rule, line: tokens[at]?.line ?? tokens[0]?.line ?? 1, problem };
}

/** A name in messages and sets: `public.object`, `object`. */
export function shown({ schema, name }: Name): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
