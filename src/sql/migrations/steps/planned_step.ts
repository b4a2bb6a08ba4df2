import type { Direction } from "../../../engine/migrations/mod.ts";
import { type PlannedStep, STEP } from "../../../migrations/plan/draft.ts";
import type { Change } from "../../schema/change.ts";
import type { Tables } from "../compare/scratch_schema.ts";

/** The order of the steps of a file. */
const PHASES = [
  // Names of tables, columns and their rules; last in a down migration.
  "rename",
  // Dropped rules that would refuse a new type or new values of their columns.
  "loosen",
  "create",
  // Indexes that the server would otherwise rebuild while the table is locked.
  "clear",
  // Quick statements under ACCESS EXCLUSIVE.
  "alter",
  // Values of existing rows.
  "fill",
  "validate",
  // NOT NULL that a validated constraint proves.
  "harden",
  "build",
  "key",
  "refer",
  "trust",
  // Dropped rules, when everything that replaces them is in place.
  "release",
  // Dropped indexes.
  "retire",
  "contract",
  "remove",
  "swap",
  "comment",
] as const;

/** The phase of a step. */
export type Phase = typeof PHASES[number];

/** The position of steps within a phase; those without a rank have the rank `last`. */
export const RANK = {
  dropped: 0,
  type: 1,
  column: 2,
  value: 3,
  last: 4,
  key: 5,
  afterwards: 6,
} as const;

/** A value for the existing rows of a column. */
export interface Fill {
  readonly column: string;
  /** An SQL expression, or `DEFAULT`. */
  readonly value: string;
  /** The same, where `DEFAULT` cannot be used. */
  readonly expression: string;
}

/** A step with its position in the file. */
export interface SqlStep extends PlannedStep {
  readonly phase: Phase;
  /** The existing table that it locks; undefined for a new table. */
  readonly table: string | undefined;
  readonly rank?: number;
  /** Whether it is joined with steps of the same phase and table. */
  readonly joins?: boolean;
  /** A column that it fills; the columns of a table are filled by one statement. */
  readonly fill?: Fill;
  /** A table that it drops; tables are dropped by one statement. */
  readonly drop?: string;
}

/** What the steps of one file depend on. */
export interface FileContext {
  readonly direction: Direction;
  /** The version of the server, such as 180001. */
  readonly version: number;
  /** All changes that the file makes. */
  readonly changes: readonly Change[];
  /** The existing tables under their new names, and the new tables. */
  readonly tables: Tables;
}

const HOUR = 3_600_000;

/** The limits of a step that reads the whole table. */
export const LONG: Pick<SqlStep, "statementTimeout"> = {
  statementTimeout: HOUR,
};

/** The limits of a statement that runs again until it changes no row. */
export const REPEATED: Pick<SqlStep, "statementTimeout" | "repeat"> = {
  statementTimeout: HOUR,
  repeat: true,
};

/** The limits of a statement that cannot run in a transaction. */
const CONCURRENT = {
  transaction: false,
  lockTimeout: 0,
  statementTimeout: 2 * HOUR,
};

/** Returns a step of its own. */
export function step(
  phase: Phase,
  table: string | undefined,
  ...statements: readonly string[]
): SqlStep {
  return { ...STEP, phase, table, statements };
}

/** Returns a step that locks one table briefly, and is joined with others. */
export function quick(
  phase: Phase,
  table: string | undefined,
  ...statements: readonly string[]
): SqlStep {
  return { ...step(phase, table, ...statements), joins: true };
}

/** Returns a step that locks several tables: writers that hold one of them and wait for another would be in a deadlock with it. The server cancels such a writer after a second: the step gives way before. */
export function onSeveralTables(step: SqlStep): SqlStep {
  return { ...step, lockTimeout: GIVES_WAY };
}

/** Milliseconds; the waits for three tables are less than the default `deadlock_timeout` of the server. */
const GIVES_WAY = 300;

/** Returns a step of one statement that cannot run in a transaction. */
export function concurrent(
  phase: Phase,
  table: string,
  statement: string,
): SqlStep {
  return { ...step(phase, table, statement), ...CONCURRENT };
}

/** Returns the steps in the order of their phases, joined where possible. */
export function inOrder(
  steps: readonly SqlStep[],
  direction: Direction,
): SqlStep[] {
  const order = direction === "up"
    ? PHASES
    : [...PHASES.slice(1), ...PHASES.slice(0, 1)];
  const ordered: SqlStep[] = [];
  for (const phase of order) {
    for (const step of byTable(steps.filter((step) => step.phase === phase))) {
      const last = ordered.at(-1);
      if (
        last?.joins === true && step.joins === true &&
        last.phase === phase && last.table === step.table
      ) ordered[ordered.length - 1] = joined(last, step);
      else ordered.push(step);
    }
  }
  return ordered;
}

function byTable(steps: readonly SqlStep[]): SqlStep[] {
  const ranked = steps.toSorted((left, right) =>
    (left.rank ?? RANK.last) - (right.rank ?? RANK.last)
  );
  return [...Map.groupBy(ranked, ({ table }) => table).values()].flat();
}

function joined(first: SqlStep, second: SqlStep): SqlStep {
  return {
    ...first,
    lockTimeout: first.lockTimeout ?? second.lockTimeout,
    statements: [...first.statements, ...second.statements],
    comments: [...first.comments ?? [], ...second.comments ?? []],
  };
}
