import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { timestamp, varchar } from "../model/columns.ts";
import type { StepInsert, StepRow } from "./rows/step.ts";

/** `step`: a step of the pipeline, at one version. */
export const Step: Model<StepRow, StepInsert, "step", object, "step_id"> =
  deferredModel("step", () => ({
    fields: z.object({
      step_id: varchar("Identifier of the step"),
      name: varchar("Name of the step"),
      version: varchar("Version of its code"),
      comments: varchar("Remarks"),
      date: timestamp("When it was put to use, UTC"),
    }),
    primaryKey: ["step_id"],
  }));
