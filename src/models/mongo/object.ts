import { z } from "../../base/zod.ts";
import { point } from "../../model/derived.ts";
import { defineModel } from "../../model/model.ts";
import type { Insertable, Model } from "../../model/types.ts";
import { float64, int32, varchar } from "../../model/columns.ts";
import { extraFields } from "./fields.ts";

/** A document of `object`: an astronomical object, from one or more surveys. */
export interface AstroObjectRow {
  /** ALeRCE's identifier. */
  aid: string;
  /** The survey's identifier. */
  oid: string;
  /** Time of the last detection, modified Julian date (d). */
  lastmjd: number | null;
  /** Time of the first detection, modified Julian date (d). */
  firstmjd: number | null;
  /** Number of stored detections. */
  ndet: number | null;
  /** Mean right ascension, J2000 (deg). */
  meanra: number | null;
  /** Mean declination, J2000 (deg). */
  meandec: number | null;
  /** Further attributes of a survey, by name. */
  extra_fields: Record<string, unknown> | null;
}

/** A row for a write to `object`: nullable and defaulted fields are optional. */
export type AstroObjectInsert = Insertable<AstroObjectRow>;

/** `object`: an astronomical object, with its position as `loc`. */
export const AstroObject: Model<
  AstroObjectRow,
  AstroObjectInsert,
  "object",
  object,
  "aid" | "oid"
> = defineModel("object", {
  label: "AstroObject",
  fields: z.object({
    aid: varchar("ALeRCE's identifier"),
    oid: varchar("The survey's identifier"),
    lastmjd: float64("Last detection, modified Julian date", "d").nullable(),
    firstmjd: float64("First detection, modified Julian date", "d").nullable(),
    ndet: int32("Detections stored").nullable(),
    meanra: float64("Mean right ascension, J2000", "deg").nullable(),
    meandec: float64("Mean declination, J2000", "deg").nullable(),
    extra_fields: extraFields(),
  }),
  primaryKey: ["aid", "oid"],
  indexes: [
    { name: "lastmjd_-1", fields: [{ field: "lastmjd", order: "desc" }] },
    { name: "firstmjd_-1", fields: [{ field: "firstmjd", order: "desc" }] },
    { name: "meanra_1", fields: ["meanra"] },
    { name: "meandec_1", fields: ["meandec"] },
  ],
  spatial: { ra: "meanra", dec: "meandec" },
  mongo: {
    derived: { loc: point("meanra", "meandec") },
    extra: "extra_fields",
  },
});
