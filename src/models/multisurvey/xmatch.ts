import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, int16, int64, varchar } from "../../model/columns.ts";
import { createdDate, updatedDate } from "../../model/day_columns.ts";
import type { XmatchInsert, XmatchRow } from "./rows/xmatch.ts";

/** `xmatch`: the nearest source of a catalogue to an object. */
export const Xmatch: Model<
  XmatchRow,
  XmatchInsert,
  "xmatch",
  object,
  "oid" | "sid" | "catid"
> = deferredModel("xmatch", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    catid: int16("Catalogue, as in the table catalog_id_lut"),
    dist: float32("Angular distance", "arcsec"),
    oid_catalog: varchar("Identifier of the source in the catalogue"),
    created_date: createdDate(),
    updated_date: updatedDate(),
  }),
  primaryKey: ["oid", "sid", "catid"],
  primaryKeyName: "pk_xmatch_oid_sid_catid",
}));
