import type {
  Decision,
  DraftStep,
  Ignored,
} from "../../../engine/migrations/mod.ts";
import type { Difference } from "../../../migrations/plan/difference.ts";
import type { Refusal } from "../../../migrations/plan/draft.ts";

/** The part of a plan for one collection. */
export interface Part {
  readonly up: readonly DraftStep[];
  readonly down: readonly DraftStep[];
  readonly differences: readonly Difference[];
  /** The objects whose data is dropped. */
  readonly lost: readonly string[];
  /** Other reasons why the down migration cannot restore everything. */
  readonly irreversible: readonly string[];
  /** The servers that can run the files, in the words of `dbp:requires`. */
  readonly requires: readonly string[];
  /** The lint rules that the files break on purpose. */
  readonly ignored: readonly Ignored[];
  readonly unmanaged: readonly string[];
  readonly decisions: readonly Decision[];
  readonly refused: readonly Refusal[];
}

/** A part without changes. */
export const NOTHING: Part = {
  up: [],
  down: [],
  differences: [],
  lost: [],
  irreversible: [],
  requires: [],
  ignored: [],
  unmanaged: [],
  decisions: [],
  refused: [],
};
