import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, int32, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type { ZtfPs1Insert, ZtfPs1Row } from "./rows/ztf_ps1.ts";

/** `ztf_ps1`: the three nearest Pan-STARRS1 sources of one ZTF detection. */
export const ZtfPs1: Model<
  ZtfPs1Row,
  ZtfPs1Insert,
  "ztf_ps1",
  object,
  "oid" | "measurement_id"
> = deferredModel("ztf_ps1", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    measurement_id: int64("Identifier of the measurement: candid"),
    objectidps1: int64("Pan-STARRS1 identifier of the nearest source")
      .nullable(),
    sgmag1: float32("Magnitude g of the nearest source", "mag").nullable(),
    srmag1: float32("Magnitude r of the nearest source", "mag").nullable(),
    simag1: float32("Magnitude i of the nearest source", "mag").nullable(),
    szmag1: float32("Magnitude z of the nearest source", "mag").nullable(),
    sgscore1: float32("Star-galaxy score of the nearest source, 1 for a star")
      .nullable(),
    distpsnr1: float32("Distance to the nearest source", "arcsec").nullable(),
    objectidps2: int64("Pan-STARRS1 identifier of the second nearest source")
      .nullable(),
    sgmag2: float32("Magnitude g of the second nearest source", "mag")
      .nullable(),
    srmag2: float32("Magnitude r of the second nearest source", "mag")
      .nullable(),
    simag2: float32("Magnitude i of the second nearest source", "mag")
      .nullable(),
    szmag2: float32("Magnitude z of the second nearest source", "mag")
      .nullable(),
    sgscore2: float32(
      "Star-galaxy score of the second nearest source, 1 for a star",
    ).nullable(),
    distpsnr2: float32("Distance to the second nearest source", "arcsec")
      .nullable(),
    objectidps3: int64("Pan-STARRS1 identifier of the third nearest source")
      .nullable(),
    sgmag3: float32("Magnitude g of the third nearest source", "mag")
      .nullable(),
    srmag3: float32("Magnitude r of the third nearest source", "mag")
      .nullable(),
    simag3: float32("Magnitude i of the third nearest source", "mag")
      .nullable(),
    szmag3: float32("Magnitude z of the third nearest source", "mag")
      .nullable(),
    sgscore3: float32(
      "Star-galaxy score of the third nearest source, 1 for a star",
    ).nullable(),
    distpsnr3: float32("Distance to the third nearest source", "arcsec")
      .nullable(),
    nmtchps: int32("Sources of Pan-STARRS1 within 30 arcsec").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id"],
  primaryKeyName: "pk_ztfps1_oid_measurement_id",
  indexes: [
    { name: "ix_ztf_ps1_oid", fields: ["oid"] },
  ],
}));
