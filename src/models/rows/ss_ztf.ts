// Written by `deno task row-types` from ../ss_ztf.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `ss_ztf`: the known solar system object nearest to an object, according to its alert. */
export interface Ss_ztfRow {
  /** Object identifier. */
  oid: string;
  /** Alert that told of it. */
  candid: bigint;
  /** Distance to the nearest known solar system object within 30 arcsec (arcsec). */
  ssdistnr: number | null;
  /** Its magnitude (mag). */
  ssmagnr: number | null;
  /** Its name. */
  ssnamenr: string | null;
}

/** The input of a write to `ss_ztf`. */
export type Ss_ztfInsert = Insertable<Ss_ztfRow>;
