// Written by `deno task row-types` from ../ztf_ss.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_ss`: the nearest known solar system object of one ZTF detection. */
export interface ZtfSsRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Identifier of the measurement: candid. */
  measurement_id: bigint;
  /** Distance to the nearest known solar system object within 30 arcsec (arcsec). */
  ssdistnr: number | null;
  /** Magnitude of that object (mag). */
  ssmagnr: number | null;
  /** Name of that object. */
  ssnamenr: string | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_ss`. */
export type ZtfSsInsert = Insertable<ZtfSsRow>;
