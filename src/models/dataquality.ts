import { z } from "../base/zod.ts";
import { deferredModel } from "../model/deferred_model.ts";
import type { Model } from "../model/types.ts";
import { float64, int32, int64, varchar } from "../model/columns.ts";
import type { DataqualityInsert, DataqualityRow } from "./rows/dataquality.ts";

/** `dataquality`: the quality of the image and the fit of a detection. */
export const Dataquality: Model<
  DataqualityRow,
  DataqualityInsert,
  "dataquality",
  object,
  "candid" | "oid"
> = deferredModel("dataquality", () => ({
  fields: z.object({
    candid: int64("Alert's candidate identifier"),
    oid: varchar("Object identifier"),
    fid: int32("Filter: 1 g, 2 r, 3 i"),
    xpos: float64("Position on the image, x", "pixel").nullable(),
    ypos: float64("Position on the image, y", "pixel").nullable(),
    chipsf: float64("Reduced chi-square of the PSF fit").nullable(),
    sky: float64("Local sky background", "DN").nullable(),
    fwhm: float64("Full width at half maximum of a Gaussian core", "pixel")
      .nullable(),
    classtar: float64("Star-galaxy score of SExtractor, 0 to 1").nullable(),
    mindtoedge: float64("Distance to the nearest edge of the image", "pixel")
      .nullable(),
    seeratio: float64(
      "Width of the difference image over width of the science image",
    ).nullable(),
    aimage: float64("RMS along the major axis of the profile", "pixel")
      .nullable(),
    bimage: float64("RMS along the minor axis of the profile", "pixel")
      .nullable(),
    aimagerat: float64("aimage over fwhm").nullable(),
    bimagerat: float64("bimage over fwhm").nullable(),
    nneg: int32("Negative pixels in a 5 by 5 stamp").nullable(),
    nbad: int32("Bad pixels in a 5 by 5 stamp").nullable(),
    sumrat: float64("Sum of the pixels over sum of their absolute values")
      .nullable(),
    scorr: float64("Signal to noise of the peak pixel").nullable(),
    dsnrms: float64(
      "Deviation of the difference image at the position, in standard deviations",
    ).nullable(),
    ssnrms: float64(
      "Deviation of the score image at the position, in standard deviations",
    ).nullable(),
    magzpsci: float64("Zero point of the photometry", "mag").nullable(),
    magzpsciunc: float64("Uncertainty of magzpsci", "mag").nullable(),
    magzpscirms: float64(
      "RMS of the instrumental magnitudes against Pan-STARRS1",
      "mag",
    ).nullable(),
    nmatches: int32("Pan-STARRS1 calibrators used").nullable(),
    clrcoeff: float64("Colour coefficient of the calibration").nullable(),
    clrcounc: float64("Uncertainty of clrcoeff").nullable(),
    zpclrcov: float64("Covariance of magzpsci and clrcoeff").nullable(),
    zpmed: float64("Median zero point of the calibrators", "mag").nullable(),
    clrmed: float64("Median colour of the calibrators", "mag").nullable(),
    clrrms: float64("RMS colour of the calibrators", "mag").nullable(),
    exptime: float64("Exposure time", "s").nullable(),
  }),
  primaryKey: ["candid", "oid"],
  foreignKeys: [
    {
      fields: ["candid", "oid"],
      references: { table: "detection", fields: ["candid", "oid"] },
    },
  ],
}));
