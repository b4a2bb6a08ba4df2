import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { float64, int32, int64, varchar } from "../model/columns.ts";
import type { ReferenceInsert, ReferenceRow } from "./rows/reference.ts";

/** `reference`: the reference image behind an object's alerts and its nearest source. */
export const Reference: Model<
  ReferenceRow,
  ReferenceInsert,
  "reference",
  object,
  "oid" | "rfid"
> = deferredModel("reference", () => ({
  fields: z.object({
    oid: varchar("Object identifier"),
    rfid: int64("Processing identifier of the reference image"),
    candid: int64("Alert that told of it"),
    fid: int32("Filter: 1 g, 2 r, 3 i"),
    rcid: int32("Readout channel, 0 to 63").nullable(),
    field: int32("Survey field").nullable(),
    magnr: float64("Magnitude of the nearest source", "mag").nullable(),
    sigmagnr: float64("Uncertainty of magnr", "mag").nullable(),
    chinr: float64("DAOPhot chi of the nearest source").nullable(),
    sharpnr: float64("DAOPhot sharp of the nearest source").nullable(),
    ranr: float64("Right ascension of the nearest source, J2000", "deg"),
    decnr: float64("Declination of the nearest source, J2000", "deg"),
    mjdstartref: float64(
      "First exposure of the reference image, modified Julian date",
      "d",
    ),
    mjdendref: float64(
      "Last exposure of the reference image, modified Julian date",
      "d",
    ),
    nframesref: int32("Exposures in the reference image"),
  }),
  primaryKey: ["oid", "rfid"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
  indexes: [
    { name: "ix_reference_fid", fields: ["fid"] },
  ],
}));
