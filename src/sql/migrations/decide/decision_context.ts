import type { Intent } from "../../../engine/migrations/mod.ts";
import type { Renames } from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { Change } from "../../schema/change.ts";
import type { Scratch, Tables } from "../compare/scratch_schema.ts";

/** What decisions about changes depend on. */
export interface DecisionContext {
  readonly scratch: Scratch;
  readonly models: readonly AnyModel[];
  readonly intent: Intent;
  readonly renames: Renames;
  /** All changes, refused ones included. */
  readonly changes: readonly Change[];
  /** The existing tables under their new names. */
  readonly current: Tables;
}
