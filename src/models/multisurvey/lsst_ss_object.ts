import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import {
  bool,
  float32,
  float64,
  int32,
  int64,
  varchar,
} from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  LsstSsObjectInsert,
  LsstSsObjectRow,
} from "./rows/lsst_ss_object.ts";

/** `lsst_ss_object`: statistics of one solar system object of LSST. */
export const LsstSsObject: Model<
  LsstSsObjectRow,
  LsstSsObjectInsert,
  "lsst_ss_object",
  object,
  "oid"
> = deferredModel("lsst_ss_object", () => ({
  fields: z.object({
    oid: int64("Object identifier: ssObjectId"),
    designation: varchar(
      "Primary provisional designation, unpacked, as in 2008 AB",
    ).nullable(),
    nObs: int32("LSST observations of the object"),
    arc: float32("Time from the first to the last LSST observation"),
    firstObservationMjdTai: float64(
      "First LSST observation, modified Julian date, TAI",
      "d",
    ).nullable(),
    MOIDEarth: float32("Minimum distance of the orbit to that of the Earth")
      .nullable(),
    MOIDEarthDeltaV: float32("Delta-v at the point of that distance")
      .nullable(),
    MOIDEarthEclipticLongitude: float32(
      "Ecliptic longitude of that point, on the Earth's orbit",
    ).nullable(),
    MOIDEarthTrueAnomaly: float32(
      "True anomaly of that point, on the Earth's orbit",
    ).nullable(),
    MOIDEarthTrueAnomalyObject: float32(
      "True anomaly of that point, on the object's orbit",
    ).nullable(),
    tisserand_J: float32("Tisserand parameter with respect to Jupiter")
      .nullable(),
    extendednessMax: float32("Greatest extendedness of its sources").nullable(),
    extendednessMedian: float32("Median extendedness of its sources")
      .nullable(),
    extendednessMin: float32("Least extendedness of its sources").nullable(),
    u_nObs: int32("Data points in u").nullable(),
    u_H: float32("Absolute magnitude H in u", "mag").nullable(),
    u_HErr: float32("Uncertainty of u_H", "mag").nullable(),
    u_G12: float32("Slope parameter G12 in u").nullable(),
    u_G12Err: float32("Uncertainty of u_G12").nullable(),
    u_H_u_G12_Cov: float32("Covariance of u_H and u_G12").nullable(),
    u_nObsUsed: int32("Data points of the phase curve fit in u").nullable(),
    u_Chi2: float32("Chi-square of the phase curve fit in u").nullable(),
    u_phaseAngleMin: float32("Least phase angle in u").nullable(),
    u_phaseAngleMax: float32("Greatest phase angle in u").nullable(),
    u_slope_fit_failed: bool(
      "Whether G12 could not be fitted in u and is a standard value",
    ).nullable(),
    g_nObs: int32("Data points in g").nullable(),
    g_H: float32("Absolute magnitude H in g", "mag").nullable(),
    g_HErr: float32("Uncertainty of g_H", "mag").nullable(),
    g_G12: float32("Slope parameter G12 in g").nullable(),
    g_G12Err: float32("Uncertainty of g_G12").nullable(),
    g_H_g_G12_Cov: float32("Covariance of g_H and g_G12").nullable(),
    g_nObsUsed: int32("Data points of the phase curve fit in g").nullable(),
    g_Chi2: float32("Chi-square of the phase curve fit in g").nullable(),
    g_phaseAngleMin: float32("Least phase angle in g").nullable(),
    g_phaseAngleMax: float32("Greatest phase angle in g").nullable(),
    g_slope_fit_failed: bool(
      "Whether G12 could not be fitted in g and is a standard value",
    ).nullable(),
    r_nObs: int32("Data points in r").nullable(),
    r_H: float32("Absolute magnitude H in r", "mag").nullable(),
    r_HErr: float32("Uncertainty of r_H", "mag").nullable(),
    r_G12: float32("Slope parameter G12 in r").nullable(),
    r_G12Err: float32("Uncertainty of r_G12").nullable(),
    r_H_r_G12_Cov: float32("Covariance of r_H and r_G12").nullable(),
    r_nObsUsed: int32("Data points of the phase curve fit in r").nullable(),
    r_Chi2: float32("Chi-square of the phase curve fit in r").nullable(),
    r_phaseAngleMin: float32("Least phase angle in r").nullable(),
    r_phaseAngleMax: float32("Greatest phase angle in r").nullable(),
    r_slope_fit_failed: bool(
      "Whether G12 could not be fitted in r and is a standard value",
    ).nullable(),
    i_nObs: int32("Data points in i").nullable(),
    i_H: float32("Absolute magnitude H in i", "mag").nullable(),
    i_HErr: float32("Uncertainty of i_H", "mag").nullable(),
    i_G12: float32("Slope parameter G12 in i").nullable(),
    i_G12Err: float32("Uncertainty of i_G12").nullable(),
    i_H_i_G12_Cov: float32("Covariance of i_H and i_G12").nullable(),
    i_nObsUsed: int32("Data points of the phase curve fit in i").nullable(),
    i_Chi2: float32("Chi-square of the phase curve fit in i").nullable(),
    i_phaseAngleMin: float32("Least phase angle in i").nullable(),
    i_phaseAngleMax: float32("Greatest phase angle in i").nullable(),
    i_slope_fit_failed: bool(
      "Whether G12 could not be fitted in i and is a standard value",
    ).nullable(),
    z_nObs: int32("Data points in z").nullable(),
    z_H: float32("Absolute magnitude H in z", "mag").nullable(),
    z_HErr: float32("Uncertainty of z_H", "mag").nullable(),
    z_G12: float32("Slope parameter G12 in z").nullable(),
    z_G12Err: float32("Uncertainty of z_G12").nullable(),
    z_H_z_G12_Cov: float32("Covariance of z_H and z_G12").nullable(),
    z_nObsUsed: int32("Data points of the phase curve fit in z").nullable(),
    z_Chi2: float32("Chi-square of the phase curve fit in z").nullable(),
    z_phaseAngleMin: float32("Least phase angle in z").nullable(),
    z_phaseAngleMax: float32("Greatest phase angle in z").nullable(),
    z_slope_fit_failed: bool(
      "Whether G12 could not be fitted in z and is a standard value",
    ).nullable(),
    y_nObs: int32("Data points in y").nullable(),
    y_H: float32("Absolute magnitude H in y", "mag").nullable(),
    y_HErr: float32("Uncertainty of y_H", "mag").nullable(),
    y_G12: float32("Slope parameter G12 in y").nullable(),
    y_G12Err: float32("Uncertainty of y_G12").nullable(),
    y_H_y_G12_Cov: float32("Covariance of y_H and y_G12").nullable(),
    y_nObsUsed: int32("Data points of the phase curve fit in y").nullable(),
    y_Chi2: float32("Chi-square of the phase curve fit in y").nullable(),
    y_phaseAngleMin: float32("Least phase angle in y").nullable(),
    y_phaseAngleMax: float32("Greatest phase angle in y").nullable(),
    y_slope_fit_failed: bool(
      "Whether G12 could not be fitted in y and is a standard value",
    ).nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["oid"],
  primaryKeyName: "pk_lsstssobject_oid",
}));
