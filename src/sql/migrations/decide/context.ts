import type { Intent } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { Renames } from "../../../migrations/plan/renames.ts";
import type { Scratch, Tables } from "../compare/scratch_schema.ts";

/** What settling asks. */
export interface Settling {
  readonly scratch: Scratch;
  readonly models: readonly AnyModel[];
  readonly intent: Intent;
  readonly renames: Renames;
  /** The tables that are there, under their new names. */
  readonly current: Tables;
}
