import { z } from "../../base/zod.ts";
import { defineModel } from "../../model/model.ts";
import type { Insertable, Model } from "../../model/types.ts";
import { bool, float64, int32, int64, varchar } from "../../model/columns.ts";
import { extraFields } from "./fields.ts";

/** A document of `detection`: one measurement of an object. */
export interface DetectionRow {
  /** The telescope, such as `ZTF`. */
  tid: string;
  /** ALeRCE's identifier of the object. */
  aid: string;
  /** The survey's identifier of the object. */
  oid: string;
  /** The survey's identifier of the alert. */
  candid: bigint;
  /** Start of the exposure, modified Julian date (d). */
  mjd: number | null;
  /** Filter: 1 g, 2 r, 3 i. */
  fid: number | null;
  /** Right ascension, J2000 (deg). */
  ra: number | null;
  /** Declination, J2000 (deg). */
  dec: number | null;
  /** Real-bogus score: 0 for an artifact, 1 for a real source. */
  rb: number | null;
  /** Magnitude (mag). */
  mag: number | null;
  /** Uncertainty of mag (mag). */
  e_mag: number | null;
  /** Identifier of the reference image. */
  rfid: bigint | null;
  /** Uncertainty of ra (deg). */
  e_ra: number | null;
  /** Uncertainty of dec (deg). */
  e_dec: number | null;
  /** 1 if the source is brighter than the reference, -1 if it is fainter. */
  isdiffpos: number | null;
  /** Whether mag is corrected for the reference source. */
  corrected: boolean | null;
  /** The identifier of the alert whose history contains this detection. */
  parent_candid: bigint | null;
  /** Whether the alert has image stamps. */
  has_stamp: boolean | null;
  /** Version of the correction step. */
  step_id_corr: string | null;
  /** Version of the classifier behind rb. */
  rbversion: string | null;
  /** Further attributes of a survey, by name. */
  extra_fields: Record<string, unknown> | null;
}

/** A row for a write to `detection`: nullable and defaulted fields are optional. */
export type DetectionInsert = Insertable<DetectionRow>;

/** `detection`: one measurement of an object. */
export const Detection: Model<
  DetectionRow,
  DetectionInsert,
  "detection",
  object,
  "candid" | "oid"
> = defineModel("detection", {
  fields: z.object({
    tid: varchar("The telescope, as in ZTF"),
    aid: varchar("ALeRCE's identifier of the object"),
    oid: varchar("The survey's identifier of the object"),
    candid: int64("The survey's identifier of the alert"),
    mjd: float64("Start of the exposure, modified Julian date", "d").nullable(),
    fid: int32("Filter: 1 g, 2 r, 3 i").nullable(),
    ra: float64("Right ascension, J2000", "deg").nullable(),
    dec: float64("Declination, J2000", "deg").nullable(),
    rb: float64("How real it looks, 0 to 1").nullable(),
    mag: float64("Magnitude", "mag").nullable(),
    e_mag: float64("Uncertainty of mag", "mag").nullable(),
    rfid: int64("Identifier of the reference image").nullable(),
    e_ra: float64("Uncertainty of ra", "deg").nullable(),
    e_dec: float64("Uncertainty of dec", "deg").nullable(),
    isdiffpos: int32(
      "1 where the source is brighter than the reference, -1 where it is fainter",
    ).nullable(),
    corrected: bool("Whether mag is corrected for the reference source")
      .nullable(),
    parent_candid: int64("The alert in whose history it came").nullable(),
    has_stamp: bool("Whether its alert has images").nullable(),
    step_id_corr: varchar("Version of the correction step").nullable(),
    rbversion: varchar("Version of the classifier behind rb").nullable(),
    extra_fields: extraFields(),
  }),
  primaryKey: ["candid", "oid"],
  indexes: [{ name: "aid_1_tid_1", fields: ["aid", "tid"] }],
  mongo: { extra: "extra_fields" },
});
