import type { Ignored, Step } from "./script.ts";

/** A step before it is written into a file. */
export type DraftStep =
  & Pick<Step, "transaction" | "repeat" | "lockTimeout" | "statementTimeout">
  & {
    /** Statements as a person reads them, without `;` at the end. */
    readonly statements: readonly string[];
    /** What a reader should know about the step. */
    readonly comments?: readonly string[];
  };

/** A file before it is written. */
export interface Draft {
  /** The steps, in order. */
  readonly steps: readonly DraftStep[];
  /** As in {@link Script}. */
  readonly destructive: readonly string[];
  /** As in {@link Script}. */
  readonly irreversible?: string | undefined;
  /** As in {@link Script}. */
  readonly requires: readonly string[];
  /** As in {@link Script}. */
  readonly ignored?: readonly Ignored[];
  /** Whether the text is only shown, and not a file to edit. */
  readonly shown?: boolean;
}

/** Decisions of a person about ambiguous changes. Names are `table` or `table.column`. */
export interface Intent {
  /** New names by old names. */
  readonly renames: ReadonlyMap<string, string>;
  /** Tables and columns that are dropped, and not renamed. */
  readonly drops: ReadonlySet<string>;
  /** Values for existing rows in new required columns: `table.column` to a value in the engine's syntax. */
  readonly defaults: ReadonlyMap<string, string>;
}

/** A question that only a person can answer. */
export interface Decision {
  /** The question, with a question mark. */
  readonly question: string;
  /** The command line options that answer it: `--rename object.a=object.b`, `--drop object.a`. */
  readonly options: readonly string[];
}

/** Input of a plan, besides the database and the models. */
export interface PlanOptions {
  /** The decisions so far. */
  readonly intent: Intent;
  /** Names of everything that models managed, from the history. */
  readonly managed: readonly string[];
  /** Whether to plan as if the database were empty, for a baseline. */
  readonly empty?: boolean | undefined;
  /** Whether existing tables may lack their position indexes, which are left out. */
  readonly adopting?: boolean | undefined;
}

/** The difference between a database and the models. */
export interface SchemaPlan {
  /** The up migration; without steps if nothing is different. */
  readonly up: Draft;
  /** The down migration. */
  readonly down: Draft;
  /** A name for the migration, in words joined by `_`: `add_detection_drb`. */
  readonly name: string;
  /** Descriptions of the changes, one line each. */
  readonly changes: readonly string[];
  /** Objects that no model manages and no history lists: reported, never changed. */
  readonly unmanaged: readonly string[];
  /** Questions to answer first. If there are any, `up` and `down` are empty. */
  readonly decisions: readonly Decision[];
  /** What existing rows break, one line for each new key, check, foreign key or NOT NULL; undefined if the engine does not count. */
  readonly violations?: readonly string[] | undefined;
  /** Changes that are not generated, each with a sketch of statements to complete manually. */
  readonly refused: readonly {
    readonly change: string;
    readonly sketch: string;
  }[];
}
