import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { ZtfGaiaInsert, ZtfGaiaRow } from "./rows/ztf_gaia.ts";

/** `ztf_gaia`: the nearest Gaia sources of a ZTF object. */
export const ZtfGaia: Model<
  ZtfGaiaRow,
  ZtfGaiaInsert,
  "ztf_gaia",
  object,
  "oid"
> = deferredModel("ztf_gaia", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    measurement_id: int64("Alert that carried the values: candid"),
    neargaia: float32("Distance to the nearest Gaia source", "arcsec")
      .nullable(),
    neargaiabright: float32(
      "Distance to the nearest Gaia source brighter than 14",
      "arcsec",
    ).nullable(),
    maggaia: float32("Magnitude G of the nearest source", "mag").nullable(),
    maggaiabright: float32("Magnitude G of the nearest bright source", "mag")
      .nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid"],
  primaryKeyName: "pk_ztfgaia_oid",
}));
