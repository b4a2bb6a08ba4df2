import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { int16, int32, varchar } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { BandInsert, BandRow } from "./rows/band.ts";

/** `band`: the name and the order of one survey's band. */
export const Band: Model<
  BandRow,
  BandInsert,
  "band",
  object,
  "sid" | "tid" | "band"
> = deferredModel("band", () => ({
  fields: z.object({
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    tid: int16("Telescope: 0 ZTF, 1 LSST"),
    band: int16("Band, a number within sid and tid"),
    band_name: varchar("Name of the band, as in g"),
    order: int32("Position in a list of bands, by wavelength, from 0")
      .nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["sid", "tid", "band"],
  primaryKeyName: "pk_band_sid_tid_band",
  seed: [
    { sid: 1, tid: 1, band: 1, band_name: "g", order: 1 },
    { sid: 1, tid: 1, band: 2, band_name: "r", order: 2 },
    { sid: 1, tid: 1, band: 3, band_name: "i", order: 3 },
    { sid: 1, tid: 1, band: 4, band_name: "z", order: 4 },
    { sid: 1, tid: 1, band: 5, band_name: "y", order: 5 },
    { sid: 1, tid: 1, band: 6, band_name: "u", order: 0 },
    { sid: 2, tid: 1, band: 1, band_name: "g", order: 1 },
    { sid: 2, tid: 1, band: 2, band_name: "r", order: 2 },
    { sid: 2, tid: 1, band: 3, band_name: "i", order: 3 },
    { sid: 2, tid: 1, band: 4, band_name: "z", order: 4 },
    { sid: 2, tid: 1, band: 5, band_name: "y", order: 5 },
    { sid: 2, tid: 1, band: 6, band_name: "u", order: 0 },
    { sid: 0, tid: 0, band: 1, band_name: "g", order: 0 },
    { sid: 0, tid: 0, band: 2, band_name: "r", order: 1 },
    { sid: 0, tid: 0, band: 3, band_name: "i", order: 2 },
  ],
}));
