import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float32, float64, int32, int64 } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  LsstDiaObjectInsert,
  LsstDiaObjectRow,
} from "./rows/lsst_dia_object.ts";

/** `lsst_dia_object`: one object of LSST, as its difference images show it. */
export const LsstDiaObject: Model<
  LsstDiaObjectRow,
  LsstDiaObjectInsert,
  "lsst_dia_object",
  object,
  "oid"
> = deferredModel("lsst_dia_object", () => ({
  fields: z.object({
    oid: int64("Object identifier: diaObjectId"),
    validityStartMjdTai: float64(
      "Time from which on this version is valid, modified Julian date, TAI",
      "d",
    ),
    ra: float64("Right ascension, J2000", "deg"),
    raErr: float32("Uncertainty of ra", "deg").nullable(),
    dec: float64("Declination, J2000", "deg"),
    decErr: float32("Uncertainty of dec", "deg").nullable(),
    ra_dec_Cov: float32("Covariance of ra and dec", "deg2").nullable(),
    u_psfFluxMean: float32("Weighted mean of psfFlux in u", "nJy").nullable(),
    u_psfFluxMeanErr: float32("Standard error of u_psfFluxMean", "nJy")
      .nullable(),
    u_psfFluxSigma: float32("Standard deviation of psfFlux in u", "nJy")
      .nullable(),
    u_psfFluxNdata: int32("Data points in u").nullable(),
    u_fpFluxMean: float32("Weighted mean of the forced photometry in u", "nJy")
      .nullable(),
    u_fpFluxMeanErr: float32("Standard error of u_fpFluxMean", "nJy")
      .nullable(),
    g_psfFluxMean: float32("Weighted mean of psfFlux in g", "nJy").nullable(),
    g_psfFluxMeanErr: float32("Standard error of g_psfFluxMean", "nJy")
      .nullable(),
    g_psfFluxSigma: float32("Standard deviation of psfFlux in g", "nJy")
      .nullable(),
    g_psfFluxNdata: int32("Data points in g").nullable(),
    g_fpFluxMean: float32("Weighted mean of the forced photometry in g", "nJy")
      .nullable(),
    g_fpFluxMeanErr: float32("Standard error of g_fpFluxMean", "nJy")
      .nullable(),
    r_psfFluxMean: float32("Weighted mean of psfFlux in r", "nJy").nullable(),
    r_psfFluxMeanErr: float32("Standard error of r_psfFluxMean", "nJy")
      .nullable(),
    r_psfFluxSigma: float32("Standard deviation of psfFlux in r", "nJy")
      .nullable(),
    r_psfFluxNdata: int32("Data points in r").nullable(),
    r_fpFluxMean: float32("Weighted mean of the forced photometry in r", "nJy")
      .nullable(),
    r_fpFluxMeanErr: float32("Standard error of r_fpFluxMean", "nJy")
      .nullable(),
    i_psfFluxMean: float32("Weighted mean of psfFlux in i", "nJy").nullable(),
    i_psfFluxMeanErr: float32("Standard error of i_psfFluxMean", "nJy")
      .nullable(),
    i_psfFluxSigma: float32("Standard deviation of psfFlux in i", "nJy")
      .nullable(),
    i_psfFluxNdata: int32("Data points in i").nullable(),
    i_fpFluxMean: float32("Weighted mean of the forced photometry in i", "nJy")
      .nullable(),
    i_fpFluxMeanErr: float32("Standard error of i_fpFluxMean", "nJy")
      .nullable(),
    z_psfFluxMean: float32("Weighted mean of psfFlux in z", "nJy").nullable(),
    z_psfFluxMeanErr: float32("Standard error of z_psfFluxMean", "nJy")
      .nullable(),
    z_psfFluxSigma: float32("Standard deviation of psfFlux in z", "nJy")
      .nullable(),
    z_psfFluxNdata: int32("Data points in z").nullable(),
    z_fpFluxMean: float32("Weighted mean of the forced photometry in z", "nJy")
      .nullable(),
    z_fpFluxMeanErr: float32("Standard error of z_fpFluxMean", "nJy")
      .nullable(),
    y_psfFluxMean: float32("Weighted mean of psfFlux in y", "nJy").nullable(),
    y_psfFluxMeanErr: float32("Standard error of y_psfFluxMean", "nJy")
      .nullable(),
    y_psfFluxSigma: float32("Standard deviation of psfFlux in y", "nJy")
      .nullable(),
    y_psfFluxNdata: int32("Data points in y").nullable(),
    y_fpFluxMean: float32("Weighted mean of the forced photometry in y", "nJy")
      .nullable(),
    y_fpFluxMeanErr: float32("Standard error of y_fpFluxMean", "nJy")
      .nullable(),
    u_scienceFluxMean: float32("Weighted mean of scienceFlux in u", "nJy")
      .nullable(),
    u_scienceFluxMeanErr: float32("Standard error of u_scienceFluxMean", "nJy")
      .nullable(),
    g_scienceFluxMean: float32("Weighted mean of scienceFlux in g", "nJy")
      .nullable(),
    g_scienceFluxMeanErr: float32("Standard error of g_scienceFluxMean", "nJy")
      .nullable(),
    r_scienceFluxMean: float32("Weighted mean of scienceFlux in r", "nJy")
      .nullable(),
    r_scienceFluxMeanErr: float32("Standard error of r_scienceFluxMean", "nJy")
      .nullable(),
    i_scienceFluxMean: float32("Weighted mean of scienceFlux in i", "nJy")
      .nullable(),
    i_scienceFluxMeanErr: float32("Standard error of i_scienceFluxMean", "nJy")
      .nullable(),
    z_scienceFluxMean: float32("Weighted mean of scienceFlux in z", "nJy")
      .nullable(),
    z_scienceFluxMeanErr: float32("Standard error of z_scienceFluxMean", "nJy")
      .nullable(),
    y_scienceFluxMean: float32("Weighted mean of scienceFlux in y", "nJy")
      .nullable(),
    y_scienceFluxMeanErr: float32("Standard error of y_scienceFluxMean", "nJy")
      .nullable(),
    u_psfFluxMin: float32("Least psfFlux in u", "nJy").nullable(),
    u_psfFluxMax: float32("Greatest psfFlux in u", "nJy").nullable(),
    u_psfFluxMaxSlope: float32("Greatest slope of psfFlux in u", "nJy/d")
      .nullable(),
    u_psfFluxErrMean: float32("Mean uncertainty of psfFlux in u", "nJy")
      .nullable(),
    g_psfFluxMin: float32("Least psfFlux in g", "nJy").nullable(),
    g_psfFluxMax: float32("Greatest psfFlux in g", "nJy").nullable(),
    g_psfFluxMaxSlope: float32("Greatest slope of psfFlux in g", "nJy/d")
      .nullable(),
    g_psfFluxErrMean: float32("Mean uncertainty of psfFlux in g", "nJy")
      .nullable(),
    r_psfFluxMin: float32("Least psfFlux in r", "nJy").nullable(),
    r_psfFluxMax: float32("Greatest psfFlux in r", "nJy").nullable(),
    r_psfFluxMaxSlope: float32("Greatest slope of psfFlux in r", "nJy/d")
      .nullable(),
    r_psfFluxErrMean: float32("Mean uncertainty of psfFlux in r", "nJy")
      .nullable(),
    i_psfFluxMin: float32("Least psfFlux in i", "nJy").nullable(),
    i_psfFluxMax: float32("Greatest psfFlux in i", "nJy").nullable(),
    i_psfFluxMaxSlope: float32("Greatest slope of psfFlux in i", "nJy/d")
      .nullable(),
    i_psfFluxErrMean: float32("Mean uncertainty of psfFlux in i", "nJy")
      .nullable(),
    z_psfFluxMin: float32("Least psfFlux in z", "nJy").nullable(),
    z_psfFluxMax: float32("Greatest psfFlux in z", "nJy").nullable(),
    z_psfFluxMaxSlope: float32("Greatest slope of psfFlux in z", "nJy/d")
      .nullable(),
    z_psfFluxErrMean: float32("Mean uncertainty of psfFlux in z", "nJy")
      .nullable(),
    y_psfFluxMin: float32("Least psfFlux in y", "nJy").nullable(),
    y_psfFluxMax: float32("Greatest psfFlux in y", "nJy").nullable(),
    y_psfFluxMaxSlope: float32("Greatest slope of psfFlux in y", "nJy/d")
      .nullable(),
    y_psfFluxErrMean: float32("Mean uncertainty of psfFlux in y", "nJy")
      .nullable(),
    firstDiaSourceMjdTai: float64(
      "First source, modified Julian date, TAI",
      "d",
    ).nullable(),
    lastDiaSourceMjdTai: float64("Last source, modified Julian date, TAI", "d")
      .nullable(),
    nDiaSources: int32("Sources of the object"),
    created_date: createdDate(),
  }),
  primaryKey: ["oid"],
  primaryKeyName: "pk_lsstdiaobject_oid",
  partitionBy: { hash: "oid", partitions: 8 },
}));
