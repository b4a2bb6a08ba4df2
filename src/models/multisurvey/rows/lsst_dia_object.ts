// Written by `deno task row-types` from ../lsst_dia_object.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `lsst_dia_object`: one object of LSST, as its difference images show it. */
export interface LsstDiaObjectRow {
  /** Object identifier: diaObjectId. */
  oid: bigint;
  /** Time from which on this version is valid, modified Julian date, TAI (d). */
  validityStartMjdTai: number;
  /** Right ascension, J2000 (deg). */
  ra: number;
  /** Uncertainty of ra (deg). */
  raErr: number | null;
  /** Declination, J2000 (deg). */
  dec: number;
  /** Uncertainty of dec (deg). */
  decErr: number | null;
  /** Covariance of ra and dec (deg2). */
  ra_dec_Cov: number | null;
  /** Weighted mean of psfFlux in u (nJy). */
  u_psfFluxMean: number | null;
  /** Standard error of u_psfFluxMean (nJy). */
  u_psfFluxMeanErr: number | null;
  /** Standard deviation of psfFlux in u (nJy). */
  u_psfFluxSigma: number | null;
  /** Data points in u. */
  u_psfFluxNdata: number | null;
  /** Weighted mean of the forced photometry in u (nJy). */
  u_fpFluxMean: number | null;
  /** Standard error of u_fpFluxMean (nJy). */
  u_fpFluxMeanErr: number | null;
  /** Weighted mean of psfFlux in g (nJy). */
  g_psfFluxMean: number | null;
  /** Standard error of g_psfFluxMean (nJy). */
  g_psfFluxMeanErr: number | null;
  /** Standard deviation of psfFlux in g (nJy). */
  g_psfFluxSigma: number | null;
  /** Data points in g. */
  g_psfFluxNdata: number | null;
  /** Weighted mean of the forced photometry in g (nJy). */
  g_fpFluxMean: number | null;
  /** Standard error of g_fpFluxMean (nJy). */
  g_fpFluxMeanErr: number | null;
  /** Weighted mean of psfFlux in r (nJy). */
  r_psfFluxMean: number | null;
  /** Standard error of r_psfFluxMean (nJy). */
  r_psfFluxMeanErr: number | null;
  /** Standard deviation of psfFlux in r (nJy). */
  r_psfFluxSigma: number | null;
  /** Data points in r. */
  r_psfFluxNdata: number | null;
  /** Weighted mean of the forced photometry in r (nJy). */
  r_fpFluxMean: number | null;
  /** Standard error of r_fpFluxMean (nJy). */
  r_fpFluxMeanErr: number | null;
  /** Weighted mean of psfFlux in i (nJy). */
  i_psfFluxMean: number | null;
  /** Standard error of i_psfFluxMean (nJy). */
  i_psfFluxMeanErr: number | null;
  /** Standard deviation of psfFlux in i (nJy). */
  i_psfFluxSigma: number | null;
  /** Data points in i. */
  i_psfFluxNdata: number | null;
  /** Weighted mean of the forced photometry in i (nJy). */
  i_fpFluxMean: number | null;
  /** Standard error of i_fpFluxMean (nJy). */
  i_fpFluxMeanErr: number | null;
  /** Weighted mean of psfFlux in z (nJy). */
  z_psfFluxMean: number | null;
  /** Standard error of z_psfFluxMean (nJy). */
  z_psfFluxMeanErr: number | null;
  /** Standard deviation of psfFlux in z (nJy). */
  z_psfFluxSigma: number | null;
  /** Data points in z. */
  z_psfFluxNdata: number | null;
  /** Weighted mean of the forced photometry in z (nJy). */
  z_fpFluxMean: number | null;
  /** Standard error of z_fpFluxMean (nJy). */
  z_fpFluxMeanErr: number | null;
  /** Weighted mean of psfFlux in y (nJy). */
  y_psfFluxMean: number | null;
  /** Standard error of y_psfFluxMean (nJy). */
  y_psfFluxMeanErr: number | null;
  /** Standard deviation of psfFlux in y (nJy). */
  y_psfFluxSigma: number | null;
  /** Data points in y. */
  y_psfFluxNdata: number | null;
  /** Weighted mean of the forced photometry in y (nJy). */
  y_fpFluxMean: number | null;
  /** Standard error of y_fpFluxMean (nJy). */
  y_fpFluxMeanErr: number | null;
  /** Weighted mean of scienceFlux in u (nJy). */
  u_scienceFluxMean: number | null;
  /** Standard error of u_scienceFluxMean (nJy). */
  u_scienceFluxMeanErr: number | null;
  /** Weighted mean of scienceFlux in g (nJy). */
  g_scienceFluxMean: number | null;
  /** Standard error of g_scienceFluxMean (nJy). */
  g_scienceFluxMeanErr: number | null;
  /** Weighted mean of scienceFlux in r (nJy). */
  r_scienceFluxMean: number | null;
  /** Standard error of r_scienceFluxMean (nJy). */
  r_scienceFluxMeanErr: number | null;
  /** Weighted mean of scienceFlux in i (nJy). */
  i_scienceFluxMean: number | null;
  /** Standard error of i_scienceFluxMean (nJy). */
  i_scienceFluxMeanErr: number | null;
  /** Weighted mean of scienceFlux in z (nJy). */
  z_scienceFluxMean: number | null;
  /** Standard error of z_scienceFluxMean (nJy). */
  z_scienceFluxMeanErr: number | null;
  /** Weighted mean of scienceFlux in y (nJy). */
  y_scienceFluxMean: number | null;
  /** Standard error of y_scienceFluxMean (nJy). */
  y_scienceFluxMeanErr: number | null;
  /** Least psfFlux in u (nJy). */
  u_psfFluxMin: number | null;
  /** Greatest psfFlux in u (nJy). */
  u_psfFluxMax: number | null;
  /** Greatest slope of psfFlux in u (nJy/d). */
  u_psfFluxMaxSlope: number | null;
  /** Mean uncertainty of psfFlux in u (nJy). */
  u_psfFluxErrMean: number | null;
  /** Least psfFlux in g (nJy). */
  g_psfFluxMin: number | null;
  /** Greatest psfFlux in g (nJy). */
  g_psfFluxMax: number | null;
  /** Greatest slope of psfFlux in g (nJy/d). */
  g_psfFluxMaxSlope: number | null;
  /** Mean uncertainty of psfFlux in g (nJy). */
  g_psfFluxErrMean: number | null;
  /** Least psfFlux in r (nJy). */
  r_psfFluxMin: number | null;
  /** Greatest psfFlux in r (nJy). */
  r_psfFluxMax: number | null;
  /** Greatest slope of psfFlux in r (nJy/d). */
  r_psfFluxMaxSlope: number | null;
  /** Mean uncertainty of psfFlux in r (nJy). */
  r_psfFluxErrMean: number | null;
  /** Least psfFlux in i (nJy). */
  i_psfFluxMin: number | null;
  /** Greatest psfFlux in i (nJy). */
  i_psfFluxMax: number | null;
  /** Greatest slope of psfFlux in i (nJy/d). */
  i_psfFluxMaxSlope: number | null;
  /** Mean uncertainty of psfFlux in i (nJy). */
  i_psfFluxErrMean: number | null;
  /** Least psfFlux in z (nJy). */
  z_psfFluxMin: number | null;
  /** Greatest psfFlux in z (nJy). */
  z_psfFluxMax: number | null;
  /** Greatest slope of psfFlux in z (nJy/d). */
  z_psfFluxMaxSlope: number | null;
  /** Mean uncertainty of psfFlux in z (nJy). */
  z_psfFluxErrMean: number | null;
  /** Least psfFlux in y (nJy). */
  y_psfFluxMin: number | null;
  /** Greatest psfFlux in y (nJy). */
  y_psfFluxMax: number | null;
  /** Greatest slope of psfFlux in y (nJy/d). */
  y_psfFluxMaxSlope: number | null;
  /** Mean uncertainty of psfFlux in y (nJy). */
  y_psfFluxErrMean: number | null;
  /** First source, modified Julian date, TAI (d). */
  firstDiaSourceMjdTai: number | null;
  /** Last source, modified Julian date, TAI (d). */
  lastDiaSourceMjdTai: number | null;
  /** Sources of the object. */
  nDiaSources: number;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `lsst_dia_object`. */
export type LsstDiaObjectInsert = Insertable<LsstDiaObjectRow>;
