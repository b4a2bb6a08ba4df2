// Written by `deno task row-types` from ../lsst_mpc_orbits.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `lsst_mpc_orbits`: the orbit of one solar system object, by the Minor Planet Center. */
export interface LsstMpcOrbitsRow {
  /** Identifier of the solar system object. */
  ssObjectId: bigint;
  /** Primary provisional designation, unpacked, as in 2008 AB. */
  designation: string;
  /** Primary provisional designation, packed, as in K08A00B. */
  packed_primary_provisional_designation: string;
  /** Primary provisional designation, unpacked, as in 2008 AB. */
  unpacked_primary_provisional_designation: string;
  /** Orbit solution of the Minor Planet Center. */
  mpc_orb_jsonb: unknown | null;
  /** Day on which the catalogue's row was created. */
  created_at: Date | null;
  /** Day on which the catalogue's row was updated. */
  updated_at: Date | null;
  /** Type of the orbit. */
  orbit_type_int: number | null;
  /** Uncertainty parameter U. */
  u_param: number | null;
  /** Oppositions. */
  nopp: number | null;
  /** Arc of all observations (d). */
  arc_length_total: number | null;
  /** Arc of the observations that were used (d). */
  arc_length_sel: number | null;
  /** Observations. */
  nobs_total: number | null;
  /** Observations that were used. */
  nobs_total_sel: number | null;
  /** Semi-major axis (au). */
  a: number | null;
  /** Pericenter distance (au). */
  q: number | null;
  /** Eccentricity. */
  e: number | null;
  /** Inclination (deg). */
  i: number | null;
  /** Longitude of the ascending node (deg). */
  node: number | null;
  /** Argument of the pericenter (deg). */
  argperi: number | null;
  /** Time from the pericenter passage (d). */
  peri_time: number | null;
  /** Yarkovsky component (1e-10 au/d2). */
  yarkovsky: number | null;
  /** Component of the solar radiation pressure (m2/t). */
  srp: number | null;
  /** Component A1 of non-gravitational forces (m2/t). */
  a1: number | null;
  /** Component A2 of non-gravitational forces (m2/t). */
  a2: number | null;
  /** Component A3 of non-gravitational forces (m2/t). */
  a3: number | null;
  /** Component DT of non-gravitational forces. */
  dt: number | null;
  /** Mean anomaly (deg). */
  mean_anomaly: number | null;
  /** Orbital period (d). */
  period: number | null;
  /** Mean motion (deg/d). */
  mean_motion: number | null;
  /** Uncertainty of a (au). */
  a_unc: number | null;
  /** Uncertainty of q (au). */
  q_unc: number | null;
  /** Uncertainty of e. */
  e_unc: number | null;
  /** Uncertainty of i (deg). */
  i_unc: number | null;
  /** Uncertainty of node (deg). */
  node_unc: number | null;
  /** Uncertainty of argperi (deg). */
  argperi_unc: number | null;
  /** Uncertainty of peri_time (d). */
  peri_time_unc: number | null;
  /** Uncertainty of yarkovsky (1e-10 au/d2). */
  yarkovsky_unc: number | null;
  /** Uncertainty of srp (m2/t). */
  srp_unc: number | null;
  /** Uncertainty of a1 (m2/t). */
  a1_unc: number | null;
  /** Uncertainty of a2 (m2/t). */
  a2_unc: number | null;
  /** Uncertainty of a3 (m2/t). */
  a3_unc: number | null;
  /** Uncertainty of dt. */
  dt_unc: number | null;
  /** Uncertainty of mean_anomaly (deg). */
  mean_anomaly_unc: number | null;
  /** Uncertainty of period (d). */
  period_unc: number | null;
  /** Uncertainty of mean_motion (deg/d). */
  mean_motion_unc: number | null;
  /** Epoch of the solution, modified Julian date (d). */
  epoch_mjd: number | null;
  /** Absolute magnitude H (mag). */
  h: number | null;
  /** Slope parameter G. */
  g: number | null;
  /** RMS of the fit (arcsec). */
  not_normalized_rms: number | null;
  /** RMS of the fit, normalized. */
  normalized_rms: number | null;
  /** Minimum distance of the orbit to that of the Earth (au). */
  earth_moid: number | null;
  /** Day of the last fit. */
  fitting_datetime: Date | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
  /** Day of the last write, UTC. */
  updated_date: Date | null;
}

/** The input of a write to `lsst_mpc_orbits`. */
export type LsstMpcOrbitsInsert = Insertable<LsstMpcOrbitsRow>;
