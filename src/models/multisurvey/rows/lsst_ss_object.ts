// Written by `deno task row-types` from ../lsst_ss_object.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `lsst_ss_object`: statistics of one solar system object of LSST. */
export interface LsstSsObjectRow {
  /** Object identifier: ssObjectId. */
  oid: bigint;
  /** Primary provisional designation, unpacked, as in 2008 AB. */
  designation: string | null;
  /** LSST observations of the object. */
  nObs: number;
  /** Time from the first to the last LSST observation. */
  arc: number;
  /** First LSST observation, modified Julian date, TAI (d). */
  firstObservationMjdTai: number | null;
  /** Minimum distance of the orbit to that of the Earth. */
  MOIDEarth: number | null;
  /** Delta-v at the point of that distance. */
  MOIDEarthDeltaV: number | null;
  /** Ecliptic longitude of that point, on the Earth's orbit. */
  MOIDEarthEclipticLongitude: number | null;
  /** True anomaly of that point, on the Earth's orbit. */
  MOIDEarthTrueAnomaly: number | null;
  /** True anomaly of that point, on the object's orbit. */
  MOIDEarthTrueAnomalyObject: number | null;
  /** Tisserand parameter with respect to Jupiter. */
  tisserand_J: number | null;
  /** Greatest extendedness of its sources. */
  extendednessMax: number | null;
  /** Median extendedness of its sources. */
  extendednessMedian: number | null;
  /** Least extendedness of its sources. */
  extendednessMin: number | null;
  /** Data points in u. */
  u_nObs: number | null;
  /** Absolute magnitude H in u (mag). */
  u_H: number | null;
  /** Uncertainty of u_H (mag). */
  u_HErr: number | null;
  /** Slope parameter G12 in u. */
  u_G12: number | null;
  /** Uncertainty of u_G12. */
  u_G12Err: number | null;
  /** Covariance of u_H and u_G12. */
  u_H_u_G12_Cov: number | null;
  /** Data points of the phase curve fit in u. */
  u_nObsUsed: number | null;
  /** Chi-square of the phase curve fit in u. */
  u_Chi2: number | null;
  /** Least phase angle in u. */
  u_phaseAngleMin: number | null;
  /** Greatest phase angle in u. */
  u_phaseAngleMax: number | null;
  /** Whether G12 could not be fitted in u and is a standard value. */
  u_slope_fit_failed: boolean | null;
  /** Data points in g. */
  g_nObs: number | null;
  /** Absolute magnitude H in g (mag). */
  g_H: number | null;
  /** Uncertainty of g_H (mag). */
  g_HErr: number | null;
  /** Slope parameter G12 in g. */
  g_G12: number | null;
  /** Uncertainty of g_G12. */
  g_G12Err: number | null;
  /** Covariance of g_H and g_G12. */
  g_H_g_G12_Cov: number | null;
  /** Data points of the phase curve fit in g. */
  g_nObsUsed: number | null;
  /** Chi-square of the phase curve fit in g. */
  g_Chi2: number | null;
  /** Least phase angle in g. */
  g_phaseAngleMin: number | null;
  /** Greatest phase angle in g. */
  g_phaseAngleMax: number | null;
  /** Whether G12 could not be fitted in g and is a standard value. */
  g_slope_fit_failed: boolean | null;
  /** Data points in r. */
  r_nObs: number | null;
  /** Absolute magnitude H in r (mag). */
  r_H: number | null;
  /** Uncertainty of r_H (mag). */
  r_HErr: number | null;
  /** Slope parameter G12 in r. */
  r_G12: number | null;
  /** Uncertainty of r_G12. */
  r_G12Err: number | null;
  /** Covariance of r_H and r_G12. */
  r_H_r_G12_Cov: number | null;
  /** Data points of the phase curve fit in r. */
  r_nObsUsed: number | null;
  /** Chi-square of the phase curve fit in r. */
  r_Chi2: number | null;
  /** Least phase angle in r. */
  r_phaseAngleMin: number | null;
  /** Greatest phase angle in r. */
  r_phaseAngleMax: number | null;
  /** Whether G12 could not be fitted in r and is a standard value. */
  r_slope_fit_failed: boolean | null;
  /** Data points in i. */
  i_nObs: number | null;
  /** Absolute magnitude H in i (mag). */
  i_H: number | null;
  /** Uncertainty of i_H (mag). */
  i_HErr: number | null;
  /** Slope parameter G12 in i. */
  i_G12: number | null;
  /** Uncertainty of i_G12. */
  i_G12Err: number | null;
  /** Covariance of i_H and i_G12. */
  i_H_i_G12_Cov: number | null;
  /** Data points of the phase curve fit in i. */
  i_nObsUsed: number | null;
  /** Chi-square of the phase curve fit in i. */
  i_Chi2: number | null;
  /** Least phase angle in i. */
  i_phaseAngleMin: number | null;
  /** Greatest phase angle in i. */
  i_phaseAngleMax: number | null;
  /** Whether G12 could not be fitted in i and is a standard value. */
  i_slope_fit_failed: boolean | null;
  /** Data points in z. */
  z_nObs: number | null;
  /** Absolute magnitude H in z (mag). */
  z_H: number | null;
  /** Uncertainty of z_H (mag). */
  z_HErr: number | null;
  /** Slope parameter G12 in z. */
  z_G12: number | null;
  /** Uncertainty of z_G12. */
  z_G12Err: number | null;
  /** Covariance of z_H and z_G12. */
  z_H_z_G12_Cov: number | null;
  /** Data points of the phase curve fit in z. */
  z_nObsUsed: number | null;
  /** Chi-square of the phase curve fit in z. */
  z_Chi2: number | null;
  /** Least phase angle in z. */
  z_phaseAngleMin: number | null;
  /** Greatest phase angle in z. */
  z_phaseAngleMax: number | null;
  /** Whether G12 could not be fitted in z and is a standard value. */
  z_slope_fit_failed: boolean | null;
  /** Data points in y. */
  y_nObs: number | null;
  /** Absolute magnitude H in y (mag). */
  y_H: number | null;
  /** Uncertainty of y_H (mag). */
  y_HErr: number | null;
  /** Slope parameter G12 in y. */
  y_G12: number | null;
  /** Uncertainty of y_G12. */
  y_G12Err: number | null;
  /** Covariance of y_H and y_G12. */
  y_H_y_G12_Cov: number | null;
  /** Data points of the phase curve fit in y. */
  y_nObsUsed: number | null;
  /** Chi-square of the phase curve fit in y. */
  y_Chi2: number | null;
  /** Least phase angle in y. */
  y_phaseAngleMin: number | null;
  /** Greatest phase angle in y. */
  y_phaseAngleMax: number | null;
  /** Whether G12 could not be fitted in y and is a standard value. */
  y_slope_fit_failed: boolean | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `lsst_ss_object`. */
export type LsstSsObjectInsert = Insertable<LsstSsObjectRow>;
