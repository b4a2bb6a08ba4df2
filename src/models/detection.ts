import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { bool, float64, int32, int64, varchar } from "../model/columns.ts";
import type { AstroObjectRow } from "./rows/object.ts";
import type { DataqualityRow } from "./rows/dataquality.ts";
import type { DetectionInsert, DetectionRow } from "./rows/detection.ts";

/** The properties that `include` adds to a row of `detection`. */
export interface DetectionRelations {
  /** The row of `object`. */
  object: AstroObjectRow | null;
  /** The rows of `dataquality`. */
  dataquality: DataqualityRow[];
}

/** `detection`: one measurement of an object. */
export const Detection: Model<
  DetectionRow,
  DetectionInsert,
  "detection",
  DetectionRelations,
  "candid" | "oid"
> = deferredModel("detection", () => ({
  fields: z.object({
    candid: int64("Alert's candidate identifier"),
    oid: varchar("Object identifier"),
    mjd: float64("Start of the exposure, modified Julian date", "d"),
    fid: int32("Filter: 1 g, 2 r, 3 i"),
    pid: float64("Processing identifier of the image"),
    diffmaglim: float64("Expected 5-sigma limit of the difference image", "mag")
      .nullable(),
    isdiffpos: int32(
      "1 where the source is brighter than the reference, -1 where it is fainter",
    ),
    nid: int32("Night identifier").nullable(),
    ra: float64("Right ascension, J2000", "deg"),
    dec: float64("Declination, J2000", "deg"),
    magpsf: float64("Magnitude from PSF-fit photometry", "mag"),
    sigmapsf: float64("Uncertainty of magpsf", "mag"),
    magap: float64("Magnitude in an aperture 14 pixels across", "mag")
      .nullable(),
    sigmagap: float64("Uncertainty of magap", "mag").nullable(),
    distnr: float64(
      "Distance to the nearest source of the reference image",
      "pixel",
    ).nullable(),
    rb: float64("Real-bogus score, 0 to 1").nullable(),
    rbversion: varchar("Version of the real-bogus model").nullable(),
    drb: float64("Real-bogus score of the deep-learning model, 0 to 1")
      .nullable(),
    drbversion: varchar("Version of the deep-learning model").nullable(),
    magapbig: float64("Magnitude in an aperture 18 pixels across", "mag")
      .nullable(),
    sigmagapbig: float64("Uncertainty of magapbig", "mag").nullable(),
    rfid: int32("Processing identifier of the reference image").nullable(),
    magpsf_corr: float64("Magnitude corrected for the reference source", "mag")
      .nullable(),
    sigmapsf_corr: float64("Uncertainty of magpsf_corr", "mag").nullable(),
    sigmapsf_corr_ext: float64(
      "Uncertainty of magpsf_corr for an extended source",
      "mag",
    ).nullable(),
    corrected: bool("Whether the magnitude could be corrected"),
    dubious: bool("Whether the correction is dubious"),
    parent_candid: int64(
      "Alert that told of this detection, where it is not its own",
    ).nullable(),
    has_stamp: bool("Whether it came as an alert of its own, with images"),
    step_id_corr: varchar("Version of the correction step"),
  }),
  primaryKey: ["candid", "oid"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
  indexes: [
    { name: "ix_ndetection_oid", fields: ["oid"], using: "hash" },
  ],
  relations: {
    object: { kind: "one", model: "object", on: { oid: "oid" } },
    dataquality: {
      kind: "many",
      model: "dataquality",
      on: { candid: "candid", oid: "oid" },
    },
  },
}));
