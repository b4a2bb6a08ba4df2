// Written by `deno task row-types` from ../reference.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `reference`: the reference image behind an object's alerts and its nearest source. */
export interface ReferenceRow {
  /** Object identifier. */
  oid: string;
  /** Processing identifier of the reference image. */
  rfid: bigint;
  /** Alert that told of it. */
  candid: bigint;
  /** Filter: 1 g, 2 r, 3 i. */
  fid: number;
  /** Readout channel, 0 to 63. */
  rcid: number | null;
  /** Survey field. */
  field: number | null;
  /** Magnitude of the nearest source (mag). */
  magnr: number | null;
  /** Uncertainty of magnr (mag). */
  sigmagnr: number | null;
  /** DAOPhot chi of the nearest source. */
  chinr: number | null;
  /** DAOPhot sharp of the nearest source. */
  sharpnr: number | null;
  /** Right ascension of the nearest source, J2000 (deg). */
  ranr: number;
  /** Declination of the nearest source, J2000 (deg). */
  decnr: number;
  /** First exposure of the reference image, modified Julian date (d). */
  mjdstartref: number;
  /** Last exposure of the reference image, modified Julian date (d). */
  mjdendref: number;
  /** Exposures in the reference image. */
  nframesref: number;
}

/** The input of a write to `reference`. */
export type ReferenceInsert = Insertable<ReferenceRow>;
