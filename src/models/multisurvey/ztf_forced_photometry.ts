import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import {
  bool,
  float32,
  float64,
  int16,
  int32,
  int64,
  varchar,
} from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  ZtfForcedPhotometryInsert,
  ZtfForcedPhotometryRow,
} from "./rows/ztf_forced_photometry.ts";

/** `ztf_forced_photometry`: what ZTF measured at the position of a known object. */
export const ZtfForcedPhotometry: Model<
  ZtfForcedPhotometryRow,
  ZtfForcedPhotometryInsert,
  "ztf_forced_photometry",
  object,
  "oid" | "measurement_id"
> = deferredModel("ztf_forced_photometry", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    measurement_id: int64("Identifier of the measurement: pid"),
    pid: int64("Processing identifier of the image").nullable(),
    mag: float32("Magnitude", "mag"),
    e_mag: float32("Uncertainty of mag", "mag"),
    mag_corr: float32("Magnitude corrected for the reference source", "mag")
      .nullable(),
    e_mag_corr: float32("Uncertainty of mag_corr", "mag").nullable(),
    e_mag_corr_ext: float32(
      "Uncertainty of mag_corr for an extended source",
      "mag",
    ).nullable(),
    isdiffpos: int32(
      "1 if the flux of the difference image is positive, -1 if not",
    ),
    corrected: bool(
      "Whether the magnitude could be corrected for the reference source",
    ),
    dubious: bool("Whether the correction is dubious"),
    parent_candid: int64(
      "Alert that carried this measurement, if it was not its own",
    ).nullable(),
    field: int32("Survey field"),
    rcid: int32("Readout channel, 0 to 63"),
    rfid: int64("Processing identifier of the reference image"),
    sciinpseeing: float32(
      "Effective full width at half maximum of the science image",
      "pixel",
    ),
    scibckgnd: float32("Background of the science image", "DN"),
    scisigpix: float32(
      "Robust standard deviation of a pixel of the science image",
      "DN",
    ),
    magzpsci: float32("Zero point of the photometry", "mag"),
    magzpsciunc: float32("Uncertainty of magzpsci", "mag"),
    magzpscirms: float32(
      "RMS of the instrumental magnitudes against Pan-STARRS1",
      "mag",
    ),
    clrcoeff: float32("Colour coefficient of the calibration"),
    clrcounc: float32("Uncertainty of clrcoeff"),
    exptime: float32("Exposure time", "s"),
    adpctdif1: float32(
      "RMS of the astrometry in right ascension against Gaia",
      "arcsec",
    ),
    adpctdif2: float32(
      "RMS of the astrometry in declination against Gaia",
      "arcsec",
    ),
    diffmaglim: float32(
      "Expected 5-sigma limit of the difference image",
      "mag",
    ),
    programid: int32("Observing program: public, collaboration, or Caltech"),
    procstatus: varchar("Status codes of the processing, 0 without warnings"),
    distnr: float32(
      "Distance to the nearest source of the reference image",
      "arcsec",
    ),
    ranr: float64("Right ascension of the nearest source, J2000", "deg"),
    decnr: float64("Declination of the nearest source, J2000", "deg"),
    magnr: float32(
      "Magnitude of the nearest source of the reference image",
      "mag",
    ),
    sigmagnr: float32("Uncertainty of magnr", "mag"),
    chinr: float32("DAOPhot chi of the nearest source"),
    sharpnr: float32("DAOPhot sharp of the nearest source"),
    created_date: createdDate(),
  }),
  primaryKey: ["oid", "measurement_id"],
  primaryKeyName: "pk_ztfforcedphotometry_oid_measurementid",
  indexes: [
    { name: "ix_ztf_forced_photometry_oid", fields: ["oid"], using: "hash" },
  ],
}));
