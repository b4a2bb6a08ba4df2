import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { float64, int32, varchar } from "../model/columns.ts";
import type { AstroObjectRow } from "./rows/object.ts";
import type { FeatureInsert, FeatureRow } from "./rows/feature.ts";

/** The properties that `include` adds to a row of `feature`. */
export interface FeatureRelations {
  /** The row of `object`. */
  object: AstroObjectRow | null;
}

/** `feature`: one feature of an object. */
export const Feature: Model<
  FeatureRow,
  FeatureInsert,
  "feature",
  FeatureRelations,
  "oid" | "name" | "fid" | "version"
> = deferredModel("feature", () => ({
  fields: z.object({
    oid: varchar("Object identifier"),
    name: varchar("Name of the feature"),
    value: float64("Value, in the feature's own unit").nullable(),
    fid: int32("Filter: 1 g, 2 r, 3 i, 12 g and r, 0 none"),
    version: varchar("Version of the features"),
  }),
  primaryKey: ["oid", "name", "fid", "version"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
    {
      fields: ["version"],
      references: { table: "feature_version", fields: ["version"] },
    },
  ],
  indexes: [
    { name: "ix_feature_oid_2", fields: ["oid"], using: "hash" },
  ],
  relations: {
    object: { kind: "one", model: "object", on: { oid: "oid" } },
  },
}));
