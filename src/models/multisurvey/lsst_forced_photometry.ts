import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, float64, int16, int32, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  LsstForcedPhotometryInsert,
  LsstForcedPhotometryRow,
} from "./rows/lsst_forced_photometry.ts";

/** `lsst_forced_photometry`: what LSST measured at the position of a known object. */
export const LsstForcedPhotometry: Model<
  LsstForcedPhotometryRow,
  LsstForcedPhotometryInsert,
  "lsst_forced_photometry",
  object,
  "oid" | "measurement_id"
> = deferredModel("lsst_forced_photometry", () => ({
  fields: z.object({
    oid: int64("Object identifier: diaObjectId"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    measurement_id: int64("Identifier of the measurement: diaForcedSourceId"),
    visit: int64("Visit in which it was measured"),
    detector: int32("Detector on which it was measured"),
    psfFlux: float32("Flux of a point source on the difference image", "nJy")
      .nullable(),
    psfFluxErr: float32("Uncertainty of psfFlux", "nJy").nullable(),
    scienceFlux: float32("Flux of a point source on the visit image", "nJy")
      .nullable(),
    scienceFluxErr: float32("Uncertainty of scienceFlux", "nJy").nullable(),
    timeProcessedMjdTai: float64(
      "Time at which the image was processed, modified Julian date, TAI",
      "d",
    ),
    timeWithdrawnMjdTai: float64(
      "Time at which the record was marked as invalid, modified Julian date, TAI",
      "d",
    ).nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id"],
  primaryKeyName: "pk_lsstforcedphotometry_oid_measurementid",
  indexes: [
    { name: "ix_lsst_forced_photometry_oid", fields: ["oid"], using: "hash" },
  ],
}));
