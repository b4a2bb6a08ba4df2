import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, float64, int32, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  ZtfReferenceInsert,
  ZtfReferenceRow,
} from "./rows/ztf_reference.ts";

/** `ztf_reference`: the nearest source of one reference image of a ZTF object. */
export const ZtfReference: Model<
  ZtfReferenceRow,
  ZtfReferenceInsert,
  "ztf_reference",
  object,
  "oid" | "rfid"
> = deferredModel("ztf_reference", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    rfid: int64("Processing identifier of the reference image"),
    measurement_id: int64("Alert that carried the values: candid"),
    band: int32("Band, as in the table band").nullable(),
    rcid: int32("Readout channel, 0 to 63").nullable(),
    field: int32("Survey field").nullable(),
    magnr: float32(
      "Magnitude of the nearest source of the reference image",
      "mag",
    ).nullable(),
    sigmagnr: float32("Uncertainty of magnr", "mag").nullable(),
    chinr: float32("DAOPhot chi of the nearest source").nullable(),
    sharpnr: float32("DAOPhot sharp of the nearest source").nullable(),
    ranr: float64("Right ascension of the nearest source, J2000", "deg")
      .nullable(),
    decnr: float64("Declination of the nearest source, J2000", "deg")
      .nullable(),
    mjdstartref: float64(
      "First exposure of the reference image, modified Julian date",
      "d",
    ).nullable(),
    mjdendref: float64(
      "Last exposure of the reference image, modified Julian date",
      "d",
    ).nullable(),
    nframesref: int32("Exposures in the reference image").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "rfid"],
  primaryKeyName: "pk_ztfreference_oid_rfid",
  indexes: [
    { name: "ix_ztf_reference_oid", fields: ["oid"] },
  ],
}));
