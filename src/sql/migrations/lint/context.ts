import type { Name, Reader } from "../file/reader.ts";
import type { Rule } from "../file/rules.ts";

/** A rule that a statement breaks. */
export interface Finding {
  /** The name of the rule. */
  readonly rule: Rule;
  /** The line inside the statement, from 1. */
  readonly line: number;
  /** What is unsafe, why, and what to write instead. */
  readonly problem: string;
}

/** What a file has done so far. */
export interface Seen {
  /** Tables that it created. Other sessions do not use them yet. */
  readonly tables: Set<string>;
  /** Types that it created. */
  readonly types: Set<string>;
  /** Indexes that it created. */
  readonly indexes: Set<string>;
  /** Columns that a CHECK (c IS NOT NULL) is about, by `table#constraint`. */
  readonly checks: Map<string, string>;
  /** `table.column` that a validated constraint proves to hold no nulls; `table.*` if an older constraint may prove it. */
  readonly proven: Set<string>;
  /** Constraints that the current step added NOT VALID, as `table#constraint`. */
  readonly pending: Set<string>;
}

/** The surroundings of a statement. */
export interface Context {
  readonly seen: Seen;
  /** The names in the `dbp:destructive` lines of the file. */
  readonly destructive: ReadonlySet<string>;
  /** Whether the step repeats the statement. */
  readonly repeat: boolean;
  /** Whether the step only adds values to types. */
  readonly addsValues: boolean;
}

/** Returns the rules that one statement breaks. */
export type Linter = (reader: Reader, context: Context) => Iterable<Finding>;

/** Returns the state at the start of a file. */
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

/** Returns a finding at the next token. */
export function finding(
  { tokens, at }: Reader,
  rule: Rule,
  problem: string,
): Finding {
  return { rule, line: tokens[at]?.line ?? tokens[0]?.line ?? 1, problem };
}

/** Returns a name for messages and sets: `public.object`, `object`. */
export function shown({ schema, name }: Name): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
