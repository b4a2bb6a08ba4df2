import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { bool, float64, int64, varchar } from "../model/columns.ts";
import type { Gaia_ztfInsert, Gaia_ztfRow } from "./rows/gaia_ztf.ts";

/** `gaia_ztf`: the Gaia sources nearest to an object, according to its alert. */
export const Gaia_ztf: Model<
  Gaia_ztfRow,
  Gaia_ztfInsert,
  "gaia_ztf",
  object,
  "oid"
> = deferredModel("gaia_ztf", () => ({
  label: "Gaia_ztf",
  fields: z.object({
    oid: varchar("Object identifier"),
    candid: int64("Alert that told of it"),
    neargaia: float64("Distance to the nearest Gaia source", "arcsec")
      .nullable(),
    neargaiabright: float64(
      "Distance to the nearest Gaia source brighter than 14",
      "arcsec",
    ).nullable(),
    maggaia: float64("Magnitude G of the nearest source", "mag").nullable(),
    maggaiabright: float64("Magnitude G of the nearest bright source", "mag")
      .nullable(),
    unique1: bool("Whether every alert named the same source"),
  }),
  primaryKey: ["oid"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
}));
