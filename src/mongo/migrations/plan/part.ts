import type { Document } from "mongodb";
import type {
  Decision,
  DraftStep,
  Ignored,
} from "../../../engine/migrations/mod.ts";
import type { Difference } from "../../../migrations/plan/difference.ts";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import type { LiveCollection } from "../../schema/live_collections.ts";
import type { FieldChange } from "../../schema/validator_rules.ts";
import type { IndexPlan } from "../decide/plan_indexes.ts";

/** The changes of an existing collection. */
export interface CollectionChange {
  /** Its new name. */
  readonly name: string;
  readonly live: LiveCollection;
  /** Its new validator. */
  readonly validator: Document;
  readonly fields: readonly FieldChange[];
  /** The new names of fields by their old names. */
  readonly renames: ReadonlyMap<string, string>;
  /** Fields that no model has now. */
  readonly dropped: readonly string[];
  /** The dropped fields whose values are deleted. */
  readonly unset: readonly string[];
  readonly indexes: IndexPlan;
  /** The steps that fill fields. */
  readonly fills: readonly DraftStep[];
  /** Whether the server can make an existing index unique. */
  readonly converts: boolean;
}

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
