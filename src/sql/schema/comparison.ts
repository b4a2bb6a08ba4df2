import type { Change } from "./change.ts";

/** The differences of a table, and the objects that models do not manage. */
export interface Compared {
  readonly changes: readonly Change[];
  /** Names in the spelling of the history. */
  readonly unmanaged: readonly string[];
}

/** What a comparison of tables depends on. */
export interface Comparison {
  /** The names that models manage, after renames. */
  readonly managed: { has(name: string): boolean };
  /** The new names of renamed tables. */
  readonly renamed: ReadonlySet<string>;
  /** Whether two defaults of different spelling have the same value. */
  readonly sameDefault: (left: string, right: string) => boolean;
  /** The names of existing indexes and constraints of all tables. */
  readonly names: ReadonlySet<string>;
}
