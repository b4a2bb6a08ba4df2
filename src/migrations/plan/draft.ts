import type {
  Decision,
  Draft,
  DraftStep,
  Ignored,
  SchemaPlan,
} from "../../engine/migrations/mod.ts";

/** A change that is not generated, with a sketch of the statements to finish manually. */
export type Refusal = SchemaPlan["refused"][number];

/** What a file declares in its header. */
interface Declared {
  /** The lint rules that it breaks on purpose. */
  readonly ignored?: readonly Ignored[];
  /** The data that it drops, in the words of `dbp:destructive`. */
  readonly destructive?: readonly string[];
  /** The servers that can run it, in the words of `dbp:requires`. */
  readonly requires?: readonly string[];
}

/** A step with its declarations. */
export interface PlannedStep extends DraftStep, Declared {}

/** A step without limits of its own. */
export const STEP = {
  transaction: true,
  repeat: false,
  lockTimeout: undefined,
  statementTimeout: undefined,
} as const;

/** The words in the first step of a file that undoes a partial run. */
export const UNDO_MARK = "dbp: undoes a partial run";

/** A file without steps. */
export const EMPTY: Draft = { steps: [], destructive: [], requires: [] };

/**
 * Returns the file of some steps.
 *
 * @param declared the declarations of its header (default: those of the steps)
 */
export function draftOf(
  steps: readonly PlannedStep[],
  declared: readonly Declared[] = steps,
): Draft {
  return {
    steps,
    destructive: unique(declared, "destructive"),
    requires: unique(declared, "requires"),
    ignored: mergedIgnored(declared.flatMap(({ ignored }) => ignored ?? [])),
  };
}

/**
 * Returns why a down migration cannot restore everything; undefined if it can.
 *
 * @param lost the objects whose data is dropped
 */
export function irreversibleText(
  lost: readonly string[],
  reasons: readonly string[] = [],
): string | undefined {
  const data = lost.length === 0 ? [] : [
    `the data of ${
      lost.join(", ")
    } is lost, and these steps restore the structure only`,
  ];
  return [...data, ...reasons].join("; ") || undefined;
}

/** Returns the plan, whose files are empty until all questions are answered. */
export function planOf(
  { up, down, decisions, ...rest }:
    & { readonly decisions: readonly Decision[] }
    & SchemaPlan,
): SchemaPlan {
  const isOpen = decisions.length > 0;
  return {
    up: isOpen ? EMPTY : up,
    down: isOpen ? EMPTY : down,
    decisions,
    ...rest,
  };
}

function unique(
  declared: readonly Declared[],
  key: "destructive" | "requires",
): string[] {
  return [...new Set(declared.flatMap((each) => each[key] ?? []))];
}

/** Returns each rule once, with all reasons. */
function mergedIgnored(all: readonly Ignored[]): Ignored[] {
  return [...Map.groupBy(all, ({ rule }) => rule)].map(([rule, same]) => ({
    rule,
    why: [...new Set(same.map(({ why }) => why))].join("; "),
  }));
}
