import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { timestamp, varchar } from "../model/columns.ts";
import type { PipelineInsert, PipelineRow } from "./rows/pipeline.ts";

/** `pipeline`: a version of the pipeline, with the version of each of its steps. */
export const Pipeline: Model<
  PipelineRow,
  PipelineInsert,
  "pipeline",
  object,
  "pipeline_id"
> = deferredModel("pipeline", () => ({
  fields: z.object({
    pipeline_id: varchar("Identifier of the pipeline"),
    step_id_corr: varchar("Correction step").nullable(),
    step_id_feat: varchar("Feature step").nullable(),
    step_id_clf: varchar("Classification step").nullable(),
    step_id_out: varchar("Outlier step").nullable(),
    step_id_stamp: varchar("Stamp step").nullable(),
    date: timestamp("When it was put to use, UTC"),
  }),
  primaryKey: ["pipeline_id"],
}));
