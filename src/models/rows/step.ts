// Written by `deno task row-types` from ../step.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `step`: a step of the pipeline, at one version. */
export interface StepRow {
  /** Identifier of the step. */
  step_id: string;
  /** Name of the step. */
  name: string;
  /** Version of its code. */
  version: string;
  /** Remarks. */
  comments: string;
  /** When it was put to use, UTC. */
  date: Date;
}

/** The input of a write to `step`. */
export type StepInsert = Insertable<StepRow>;
