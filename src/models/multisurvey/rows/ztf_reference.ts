// Written by `deno task row-types` from ../ztf_reference.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `ztf_reference`: the nearest source of one reference image of a ZTF object. */
export interface ZtfReferenceRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Processing identifier of the reference image. */
  rfid: bigint;
  /** Alert that carried the values: candid. */
  measurement_id: bigint;
  /** Band, as in the table band. */
  band: number | null;
  /** Readout channel, 0 to 63. */
  rcid: number | null;
  /** Survey field. */
  field: number | null;
  /** Magnitude of the nearest source of the reference image (mag). */
  magnr: number | null;
  /** Uncertainty of magnr (mag). */
  sigmagnr: number | null;
  /** DAOPhot chi of the nearest source. */
  chinr: number | null;
  /** DAOPhot sharp of the nearest source. */
  sharpnr: number | null;
  /** Right ascension of the nearest source, J2000 (deg). */
  ranr: number | null;
  /** Declination of the nearest source, J2000 (deg). */
  decnr: number | null;
  /** First exposure of the reference image, modified Julian date (d). */
  mjdstartref: number | null;
  /** Last exposure of the reference image, modified Julian date (d). */
  mjdendref: number | null;
  /** Exposures in the reference image. */
  nframesref: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `ztf_reference`. */
export type ZtfReferenceInsert = Insertable<ZtfReferenceRow>;
