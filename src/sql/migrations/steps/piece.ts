import type { DraftStep, Ignored } from "../../../engine/migrations/mod.ts";
import type { Change } from "../compare/change.ts";
import type { Tables } from "../compare/scratch_schema.ts";

/** The order in which things are done: what others need comes first, what takes away comes last. */
const PHASES = [
  // Names of tables, columns and what belongs to them; on the way back this is last.
  "rename",
  // Foreign keys that go, before the keys that they refer to.
  "loosen",
  "create",
  // Indexes that the server would build anew while nobody can use the table.
  "clear",
  // What is quick under ACCESS EXCLUSIVE.
  "alter",
  // Rows that are there.
  "fill",
  "validate",
  // NOT NULL, where a rule proves it.
  "harden",
  "build",
  "key",
  "refer",
  "trust",
  // Indexes that go.
  "retire",
  "contract",
  "remove",
  "swap",
  "comment",
] as const;

/** One of them. */
export type Phase = typeof PHASES[number];

/** A part of a step. */
export interface Piece {
  readonly phase: Phase;
  /** The table that it holds up; none where that is a new one. */
  readonly table: string | undefined;
  readonly statements: readonly string[];
  readonly comments?: readonly string[];
  /** A rule of files that it breaks, and why that is right. */
  readonly ignored?: Ignored;
  /**
   * `quick` pieces of one table and phase become one step; `short` ones are a
   * step each, for they hold up several tables; `long` ones read the whole
   * table, `repeat` ones write it in parts, and `concurrent` ones are no
   * transaction.
   */
  readonly how: "quick" | "short" | "long" | "repeat" | "concurrent";
  /** A column that a `fill` piece gives a value; the statement is made of all of a table's. */
  readonly fill?: {
    readonly column: string;
    readonly value: string;
    readonly expression: string;
  };
  /** Its place among the pieces of one step; those without come last. */
  readonly rank?: number;
}

/** The order inside a step: what goes makes room for other types, columns come before what needs them. */
export const RANK = {
  gone: 0,
  type: 1,
  column: 2,
  value: 3,
  last: 4,
  afterwards: 5,
} as const;

/** What pieces are made from besides the change. */
export interface Making {
  /** The server, as in 180001. */
  readonly version: number;
  /** All changes of this way. */
  readonly all: readonly Change[];
  /** The tables that are there, and those to come. */
  readonly tables: Tables;
}

const HOUR = 3_600_000;

/** Steps of pieces, in their order. */
export function stepsOf(
  pieces: readonly Piece[],
  direction: "up" | "down",
): DraftStep[] {
  const order = direction === "up"
    ? PHASES
    : [...PHASES.slice(1), ...PHASES.slice(0, 1)];
  const steps: DraftStep[] = [];
  let before: Piece | undefined;
  for (const phase of order) {
    for (
      const piece of inTurn(pieces.filter((piece) => piece.phase === phase))
    ) {
      const last = steps.at(-1);
      if (last !== undefined && before !== undefined && joins(before, piece)) {
        steps[steps.length - 1] = {
          ...last,
          statements: [...last.statements, ...piece.statements],
          comments: [...last.comments ?? [], ...piece.comments ?? []],
        };
      } else steps.push(stepOf(piece));
      before = piece;
    }
  }
  return steps;
}

/** Pieces of one table side by side, tables as they come. */
function inTurn(pieces: readonly Piece[]): Piece[] {
  const ranked = pieces.toSorted((left, right) =>
    (left.rank ?? RANK.last) - (right.rank ?? RANK.last)
  );
  return [...Map.groupBy(ranked, ({ table }) => table).values()].flat();
}

function joins(before: Piece, piece: Piece): boolean {
  return before.how === "quick" && piece.how === "quick" &&
    before.phase === piece.phase && before.table === piece.table;
}

function stepOf({ statements, comments = [], how }: Piece): DraftStep {
  const step = {
    transaction: true,
    repeat: false,
    lockTimeout: undefined,
    statementTimeout: undefined,
    statements,
    comments,
  };
  switch (how) {
    case "quick":
    case "short":
      return step;
    case "long":
      return { ...step, statementTimeout: HOUR };
    case "repeat":
      return { ...step, repeat: true, statementTimeout: HOUR };
    case "concurrent":
      return {
        ...step,
        transaction: false,
        lockTimeout: 0,
        statementTimeout: 2 * HOUR,
      };
  }
}
