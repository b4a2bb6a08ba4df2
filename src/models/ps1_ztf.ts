import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { bool, float64, int32, int64, varchar } from "../model/columns.ts";
import type { Ps1_ztfInsert, Ps1_ztfRow } from "./rows/ps1_ztf.ts";

/** `ps1_ztf`: the three Pan-STARRS1 sources nearest to an alert's position. */
export const Ps1_ztf: Model<
  Ps1_ztfRow,
  Ps1_ztfInsert,
  "ps1_ztf",
  object,
  "oid" | "candid"
> = deferredModel("ps1_ztf", () => ({
  label: "Ps1_ztf",
  fields: z.object({
    oid: varchar("Object identifier"),
    candid: int64("Alert that told of it"),
    objectidps1: float64("Pan-STARRS1 identifier of the nearest source")
      .nullable(),
    sgmag1: float64("Magnitude g of the nearest source", "mag").nullable(),
    srmag1: float64("Magnitude r of the nearest source", "mag").nullable(),
    simag1: float64("Magnitude i of the nearest source", "mag").nullable(),
    szmag1: float64("Magnitude z of the nearest source", "mag").nullable(),
    sgscore1: float64("Star-galaxy score of the nearest source, 1 for a star")
      .nullable(),
    distpsnr1: float64("Distance to the nearest source", "arcsec").nullable(),
    objectidps2: float64("Pan-STARRS1 identifier of the second nearest source")
      .nullable(),
    sgmag2: float64("Magnitude g of the second nearest source", "mag")
      .nullable(),
    srmag2: float64("Magnitude r of the second nearest source", "mag")
      .nullable(),
    simag2: float64("Magnitude i of the second nearest source", "mag")
      .nullable(),
    szmag2: float64("Magnitude z of the second nearest source", "mag")
      .nullable(),
    sgscore2: float64(
      "Star-galaxy score of the second nearest source, 1 for a star",
    ).nullable(),
    distpsnr2: float64("Distance to the second nearest source", "arcsec")
      .nullable(),
    objectidps3: float64("Pan-STARRS1 identifier of the third nearest source")
      .nullable(),
    sgmag3: float64("Magnitude g of the third nearest source", "mag")
      .nullable(),
    srmag3: float64("Magnitude r of the third nearest source", "mag")
      .nullable(),
    simag3: float64("Magnitude i of the third nearest source", "mag")
      .nullable(),
    szmag3: float64("Magnitude z of the third nearest source", "mag")
      .nullable(),
    sgscore3: float64(
      "Star-galaxy score of the third nearest source, 1 for a star",
    ).nullable(),
    distpsnr3: float64("Distance to the third nearest source", "arcsec")
      .nullable(),
    nmtchps: int32("Sources of Pan-STARRS1 within 30 arcsec"),
    unique1: bool("Whether every alert named the same nearest source"),
    unique2: bool("Whether every alert named the same second nearest source"),
    unique3: bool("Whether every alert named the same third nearest source"),
  }),
  primaryKey: ["oid", "candid"],
  foreignKeys: [
    { fields: ["oid"], references: { table: "object", fields: ["oid"] } },
  ],
}));
