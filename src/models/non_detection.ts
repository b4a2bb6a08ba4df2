import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { float64, int32, varchar } from "../model/columns.ts";
import type { AstroObjectRow } from "./rows/object.ts";
import type {
  NonDetectionInsert,
  NonDetectionRow,
} from "./rows/non_detection.ts";

/** The properties that `include` adds to a row of `non_detection`. */
export interface NonDetectionRelations {
  /** The row of `object`. */
  object: AstroObjectRow | null;
}

/** `non_detection`: an exposure without a detection of the object. */
export const NonDetection: Model<
  NonDetectionRow,
  NonDetectionInsert,
  "non_detection",
  NonDetectionRelations,
  "oid" | "fid" | "mjd"
> = deferredModel("non_detection", () => ({
  fields: z.object({
    oid: varchar("Object identifier"),
    fid: int32("Filter: 1 g, 2 r, 3 i"),
    mjd: float64("Start of the exposure, modified Julian date", "d"),
    diffmaglim: float64("Expected 5-sigma limit of the difference image", "mag")
      .nullable(),
  }),
  primaryKey: ["oid", "fid", "mjd"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
  indexes: [
    { name: "ix_non_detection_oid", fields: ["oid"], using: "hash" },
  ],
  relations: {
    object: { kind: "one", model: "object", on: { oid: "oid" } },
  },
}));
