import { z } from "../../base/zod.ts";
import { defineModel } from "../../model/model.ts";
import type { Insertable, Model } from "../../model/types.ts";
import { float64, int32, varchar } from "../../model/columns.ts";
import { extraFields } from "./fields.ts";

/** A document of `non_detection`: an exposure in which an object was not detected. */
export interface NonDetectionRow {
  /** ALeRCE's identifier of the object. */
  aid: string;
  /** The telescope, such as `ZTF`. */
  tid: string;
  /** The survey's identifier of the object. */
  oid: string;
  /** Start of the exposure, modified Julian date (d). */
  mjd: number;
  /** Expected 5-sigma limit of the difference image (mag). */
  diffmaglim: number | null;
  /** Filter: 1 g, 2 r, 3 i. */
  fid: number;
  /** Further attributes of a survey, by name. */
  extra_fields: Record<string, unknown> | null;
}

/** A row for a write to `non_detection`: nullable and defaulted fields are optional. */
export type NonDetectionInsert = Insertable<NonDetectionRow>;

/** `non_detection`: an exposure in which an object was not detected. */
export const NonDetection: Model<
  NonDetectionRow,
  NonDetectionInsert,
  "non_detection",
  object,
  "oid" | "fid" | "mjd"
> = defineModel("non_detection", {
  fields: z.object({
    aid: varchar("ALeRCE's identifier of the object"),
    tid: varchar("The telescope, as in ZTF"),
    oid: varchar("The survey's identifier of the object"),
    mjd: float64("Start of the exposure, modified Julian date", "d"),
    diffmaglim: float64("Expected 5-sigma limit of the difference image", "mag")
      .nullable(),
    fid: int32("Filter: 1 g, 2 r, 3 i"),
    extra_fields: extraFields(),
  }),
  primaryKey: ["oid", "fid", "mjd"],
  indexes: [{ name: "aid_1_tid_1", fields: ["aid", "tid"] }],
  mongo: { extra: "extra_fields" },
});
