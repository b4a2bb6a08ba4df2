// Written by `deno task row-types` from ../ztf_ps1.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_ps1`: the three nearest Pan-STARRS1 sources of one ZTF detection. */
export interface ZtfPs1Row {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Identifier of the measurement: candid. */
  measurement_id: bigint;
  /** Pan-STARRS1 identifier of the nearest source. */
  objectidps1: bigint | null;
  /** Magnitude g of the nearest source (mag). */
  sgmag1: number | null;
  /** Magnitude r of the nearest source (mag). */
  srmag1: number | null;
  /** Magnitude i of the nearest source (mag). */
  simag1: number | null;
  /** Magnitude z of the nearest source (mag). */
  szmag1: number | null;
  /** Star-galaxy score of the nearest source, 1 for a star. */
  sgscore1: number | null;
  /** Distance to the nearest source (arcsec). */
  distpsnr1: number | null;
  /** Pan-STARRS1 identifier of the second nearest source. */
  objectidps2: bigint | null;
  /** Magnitude g of the second nearest source (mag). */
  sgmag2: number | null;
  /** Magnitude r of the second nearest source (mag). */
  srmag2: number | null;
  /** Magnitude i of the second nearest source (mag). */
  simag2: number | null;
  /** Magnitude z of the second nearest source (mag). */
  szmag2: number | null;
  /** Star-galaxy score of the second nearest source, 1 for a star. */
  sgscore2: number | null;
  /** Distance to the second nearest source (arcsec). */
  distpsnr2: number | null;
  /** Pan-STARRS1 identifier of the third nearest source. */
  objectidps3: bigint | null;
  /** Magnitude g of the third nearest source (mag). */
  sgmag3: number | null;
  /** Magnitude r of the third nearest source (mag). */
  srmag3: number | null;
  /** Magnitude i of the third nearest source (mag). */
  simag3: number | null;
  /** Magnitude z of the third nearest source (mag). */
  szmag3: number | null;
  /** Star-galaxy score of the third nearest source, 1 for a star. */
  sgscore3: number | null;
  /** Distance to the third nearest source (arcsec). */
  distpsnr3: number | null;
  /** Sources of Pan-STARRS1 within 30 arcsec. */
  nmtchps: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_ps1`. */
export type ZtfPs1Insert = Insertable<ZtfPs1Row>;
