// Written by `deno task row-types` from ../gaia_ztf.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `gaia_ztf`: the Gaia sources nearest to an object, according to its alert. */
export interface Gaia_ztfRow {
  /** Object identifier. */
  oid: string;
  /** Alert that told of it. */
  candid: bigint;
  /** Distance to the nearest Gaia source (arcsec). */
  neargaia: number | null;
  /** Distance to the nearest Gaia source brighter than 14 (arcsec). */
  neargaiabright: number | null;
  /** Magnitude G of the nearest source (mag). */
  maggaia: number | null;
  /** Magnitude G of the nearest bright source (mag). */
  maggaiabright: number | null;
  /** Whether every alert named the same source. */
  unique1: boolean;
}

/** The input of a write to `gaia_ztf`. */
export type Gaia_ztfInsert = Insertable<Gaia_ztfRow>;
