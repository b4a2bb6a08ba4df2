import type { Ignored, Step } from "./script.ts";

/** A step that has no place in a file yet. */
export type DraftStep =
  & Pick<Step, "transaction" | "repeat" | "lockTimeout" | "statementTimeout">
  & {
    /** Statements as a person reads them, without the `;` at their ends. */
    readonly statements: readonly string[];
    /** What a reader should know about it; written as comments. */
    readonly comments?: readonly string[];
  };

/** A file before it is written. */
export interface Draft {
  /** Its steps. */
  readonly steps: readonly DraftStep[];
  /** As in {@link Script}. */
  readonly destructive: readonly string[];
  /** As in {@link Script}. */
  readonly irreversible?: string | undefined;
  /** As in {@link Script}. */
  readonly requires: readonly string[];
  /** As in {@link Script}. */
  readonly ignored?: readonly Ignored[];
  /** Whether it is shown, and is no file to be edited. */
  readonly shown?: boolean;
}

/** What a person wants done about changes that could be read in two ways. Names are `table` or `table.column`. */
export interface Intent {
  /** From old names to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  /** What may be dropped: no renames, these. */
  readonly drops: ReadonlySet<string>;
  /** What rows that are there get in a new column that may not be empty: `table.column` to a value, as the engine writes values. */
  readonly defaults: ReadonlyMap<string, string>;
}

/** A question that only a person can answer. */
export interface Decision {
  /** The question. */
  readonly question: string;
  /** The options of the command line that answer it: `--rename object.a=object.b`, `--drop object.a`. */
  readonly options: readonly string[];
}

/** What a plan is made from besides the database and the models. */
export interface PlanOptions {
  /** What a person wants done. */
  readonly intent: Intent;
  /** What models managed, by the history. */
  readonly managed: readonly string[];
  /** As if the database held nothing, for a baseline. */
  readonly empty?: boolean | undefined;
}

/** What it takes to make the database what the models say. */
export interface SchemaPlan {
  /** The way there; no steps where there is nothing to do. */
  readonly up: Draft;
  /** And the way back. */
  readonly down: Draft;
  /** A name for it, in words joined by `_`: `add_detection_drb`. */
  readonly name: string;
  /** What is different, a line each. */
  readonly changes: readonly string[];
  /** What no model manages and no history lists: told, never touched. */
  readonly unmanaged: readonly string[];
  /** Questions to answer first. Where there are any, `up` and `down` say nothing. */
  readonly decisions: readonly Decision[];
  /** Changes that are not generated, each with a sketch of the statements to finish by hand. */
  readonly refused: readonly {
    readonly change: string;
    readonly sketch: string;
  }[];
}
