import type { Change } from "./change.ts";
import type { LiveConstraint, LiveIndex } from "./introspect.ts";

/** The differences of a table, and the objects that models do not manage. */
export interface Compared {
  readonly changes: readonly Change[];
  /** Names in the spelling of the history. */
  readonly unmanaged: readonly string[];
}

/** How two tables are compared. */
export interface Comparison {
  /** The names that models manage, after renames. */
  readonly managed: { has(name: string): boolean };
  /** Whether a rule is paired with the wanted rule of the same name first. */
  readonly byName: boolean;
  /** Whether two defaults of different spelling have the same value. */
  readonly sameDefault: (left: string, right: string) => boolean;
  /** The parts of a constraint that matter, as text. */
  readonly constraintKey: (constraint: LiveConstraint) => string;
  /** The parts of an index that matter, as text. */
  readonly indexKey: (index: LiveIndex) => string;
  /** The names of existing indexes and constraints of all tables. */
  readonly names: ReadonlySet<string>;
  /** Whether the table is renamed. */
  readonly renamed: boolean;
}
