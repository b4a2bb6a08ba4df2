import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { LiveCollection } from "../../schema/live_collections.ts";
import type { FieldChange } from "../steps/field_change.ts";
import type { IndexPlan } from "../steps/indexes.ts";

/** The changes of an existing collection. */
export interface CollectionChange {
  /** Its new name. */
  readonly name: string;
  readonly live: LiveCollection;
  /** Its new validator. */
  readonly validator: Document;
  readonly fields: readonly FieldChange[];
  /** New fields. */
  readonly added: readonly string[];
  /** The new names of fields by their old names. */
  readonly renames: ReadonlyMap<string, string>;
  /** Fields that no model has any more. */
  readonly dropped: readonly string[];
  /** The dropped fields whose values are deleted. */
  readonly unset: readonly string[];
  readonly indexes: IndexPlan;
  /** The steps that fill fields. */
  readonly fills: readonly DraftStep[];
  /** Whether the server can make an existing index unique. */
  readonly converts: boolean;
}
