// Written by `deno task row-types` from ../pipeline.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `pipeline`: a version of the pipeline, with the version of each of its steps. */
export interface PipelineRow {
  /** Identifier of the pipeline. */
  pipeline_id: string;
  /** Correction step. */
  step_id_corr: string | null;
  /** Feature step. */
  step_id_feat: string | null;
  /** Classification step. */
  step_id_clf: string | null;
  /** Outlier step. */
  step_id_out: string | null;
  /** Stamp step. */
  step_id_stamp: string | null;
  /** When it was put to use, UTC. */
  date: Date;
}

/** The input of a write to `pipeline`. */
export type PipelineInsert = Insertable<PipelineRow>;
