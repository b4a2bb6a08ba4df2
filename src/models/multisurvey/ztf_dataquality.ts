import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, float64, int32, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  ZtfDataqualityInsert,
  ZtfDataqualityRow,
} from "./rows/ztf_dataquality.ts";

/** `ztf_dataquality`: the quality of one ZTF detection's image. */
export const ZtfDataquality: Model<
  ZtfDataqualityRow,
  ZtfDataqualityInsert,
  "ztf_dataquality",
  object,
  "oid" | "measurement_id"
> = deferredModel("ztf_dataquality", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    measurement_id: int64("Identifier of the measurement"),
    xpos: float32("Position on the image, x", "pixel").nullable(),
    ypos: float32("Position on the image, y", "pixel").nullable(),
    chipsf: float32("Reduced chi-square of the PSF fit").nullable(),
    sky: float32("Local sky background", "DN").nullable(),
    fwhm: float32("Full width at half maximum of a Gaussian core", "pixel")
      .nullable(),
    classtar: float32("Star-galaxy score of SExtractor, 0 to 1").nullable(),
    mindtoedge: float32("Distance to the nearest edge of the image", "pixel")
      .nullable(),
    seeratio: float32(
      "Width of the difference image over width of the science image",
    ).nullable(),
    aimage: float32("RMS along the major axis of the profile", "pixel")
      .nullable(),
    bimage: float32("RMS along the minor axis of the profile", "pixel")
      .nullable(),
    aimagerat: float32("aimage over fwhm").nullable(),
    bimagerat: float32("bimage over fwhm").nullable(),
    nneg: int32("Negative pixels in a 5 by 5 stamp").nullable(),
    nbad: int32("Bad pixels in a 5 by 5 stamp").nullable(),
    sumrat: float32("Sum of the pixels over sum of their absolute values")
      .nullable(),
    scorr: float64("Signal to noise of the peak pixel").nullable(),
    dsnrms: float32(
      "Deviation of the difference image at the position, in standard deviations",
    ).nullable(),
    ssnrms: float32(
      "Deviation of the score image at the position, in standard deviations",
    ).nullable(),
    magzpsci: float32("Zero point of the photometry", "mag").nullable(),
    magzpsciunc: float32("Uncertainty of magzpsci", "mag").nullable(),
    magzpscirms: float32(
      "RMS of the instrumental magnitudes against Pan-STARRS1",
      "mag",
    ).nullable(),
    nmatches: int32("Pan-STARRS1 calibrators used").nullable(),
    clrcoeff: float32("Colour coefficient of the calibration").nullable(),
    clrcounc: float32("Uncertainty of clrcoeff").nullable(),
    zpclrcov: float32("Covariance of magzpsci and clrcoeff").nullable(),
    zpmed: float32("Median zero point of the calibrators", "mag").nullable(),
    clrmed: float32("Median colour of the calibrators", "mag").nullable(),
    clrrms: float32("RMS colour of the calibrators", "mag").nullable(),
    exptime: float32("Exposure time", "s").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id"],
  primaryKeyName: "pk_ztfdataquality_oid_measurement_id",
  indexes: [
    { name: "ix_ztf_dataquality_measurement_id", fields: ["measurement_id"] },
    { name: "ix_ztf_dataquality_oid", fields: ["oid"] },
  ],
}));
