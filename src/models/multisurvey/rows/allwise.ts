// Written by `deno task row-types` from ../allwise.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `allwise`: one source of the AllWISE catalogue. */
export interface AllwiseRow {
  /** Identifier of the source. */
  oid_catalog: string;
  /** Right ascension, J2000 (deg). */
  ra: number;
  /** Declination, J2000 (deg). */
  dec: number;
  /** Magnitude W1, profile fit (mag). */
  w1mpro: number | null;
  /** Magnitude W2, profile fit (mag). */
  w2mpro: number | null;
  /** Magnitude W3, profile fit (mag). */
  w3mpro: number | null;
  /** Magnitude W4, profile fit (mag). */
  w4mpro: number | null;
  /** Uncertainty of W1 (mag). */
  w1sigmpro: number | null;
  /** Uncertainty of W2 (mag). */
  w2sigmpro: number | null;
  /** Uncertainty of W3 (mag). */
  w3sigmpro: number | null;
  /** Uncertainty of W4 (mag). */
  w4sigmpro: number | null;
  /** Magnitude J of the 2MASS source (mag). */
  j_m_2mass: number | null;
  /** Magnitude H of the 2MASS source (mag). */
  h_m_2mass: number | null;
  /** Magnitude K of the 2MASS source (mag). */
  k_m_2mass: number | null;
  /** Uncertainty of J (mag). */
  j_msig_2mass: number | null;
  /** Uncertainty of H (mag). */
  h_msig_2mass: number | null;
  /** Uncertainty of K (mag). */
  k_msig_2mass: number | null;
}

/** The input of a write to `allwise`. */
export type AllwiseInsert = Insertable<AllwiseRow>;
