// Written by `deno task row-types` from ../ztf_gaia.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_gaia`: the nearest Gaia sources of a ZTF object. */
export interface ZtfGaiaRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Alert that carried the values: candid. */
  measurement_id: bigint;
  /** Distance to the nearest Gaia source (arcsec). */
  neargaia: number | null;
  /** Distance to the nearest Gaia source brighter than 14 (arcsec). */
  neargaiabright: number | null;
  /** Magnitude G of the nearest source (mag). */
  maggaia: number | null;
  /** Magnitude G of the nearest bright source (mag). */
  maggaiabright: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_gaia`. */
export type ZtfGaiaInsert = Insertable<ZtfGaiaRow>;
