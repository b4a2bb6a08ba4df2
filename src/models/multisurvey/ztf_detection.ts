import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import {
  bool,
  float32,
  int16,
  int32,
  int64,
  varchar,
} from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  ZtfDetectionInsert,
  ZtfDetectionRow,
} from "./rows/ztf_detection.ts";

/** `ztf_detection`: what ZTF measured in one detection. */
export const ZtfDetection: Model<
  ZtfDetectionRow,
  ZtfDetectionInsert,
  "ztf_detection",
  object,
  "oid" | "measurement_id"
> = deferredModel("ztf_detection", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    measurement_id: int64("Identifier of the measurement: candid"),
    pid: int64("Processing identifier of the image").nullable(),
    diffmaglim: float32("Expected 5-sigma limit of the difference image", "mag")
      .nullable(),
    isdiffpos: int32(
      "1 if the source is brighter than the reference, -1 if it is fainter",
    ).nullable(),
    nid: int32("Night identifier").nullable(),
    magpsf: float32("Magnitude from PSF-fit photometry", "mag").nullable(),
    sigmapsf: float32("Uncertainty of magpsf", "mag").nullable(),
    magap: float32("Magnitude in an aperture 14 pixels across", "mag")
      .nullable(),
    sigmagap: float32("Uncertainty of magap", "mag").nullable(),
    distnr: float32(
      "Distance to the nearest source of the reference image",
      "pixel",
    ).nullable(),
    rb: float32("Real-bogus score, 0 to 1").nullable(),
    rbversion: varchar("Version of the real-bogus model").nullable(),
    drb: float32("Real-bogus score of the deep-learning model, 0 to 1")
      .nullable(),
    drbversion: varchar("Version of the deep-learning model").nullable(),
    magapbig: float32("Magnitude in an aperture 18 pixels across", "mag")
      .nullable(),
    sigmagapbig: float32("Uncertainty of magapbig", "mag").nullable(),
    rfid: int64("Processing identifier of the reference image").nullable(),
    magpsf_corr: float32("Magnitude corrected for the reference source", "mag")
      .nullable(),
    sigmapsf_corr: float32("Uncertainty of magpsf_corr", "mag").nullable(),
    sigmapsf_corr_ext: float32(
      "Uncertainty of magpsf_corr for an extended source",
      "mag",
    ).nullable(),
    corrected: bool(
      "Whether the magnitude could be corrected for the reference source",
    ).nullable(),
    dubious: bool("Whether the correction is dubious").nullable(),
    parent_candid: int64(
      "Alert that carried this measurement, if it was not its own",
    ).nullable(),
    has_stamp: bool("Whether its alert contains all three images").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id"],
  primaryKeyName: "pk_ztfdetection_oid_measurementid",
  indexes: [
    { name: "ix_ztfdetection_oid", fields: ["oid"], using: "hash" },
  ],
}));
