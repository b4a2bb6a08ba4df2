import type { Insertable } from "../../model/types.ts";

/** A row of `pipeline`: a pipeline: the version of each of its steps. */
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

/** What a write to `pipeline` takes. */
export type PipelineInsert = Insertable<PipelineRow>;
