// Written by `deno task row-types` from ../forced_photometry.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `forced_photometry`: when and where one forced measurement of any survey was made. */
export interface ForcedPhotometryRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Identifier of the measurement. */
  measurement_id: bigint;
  /** Time of the exposure, modified Julian date: UTC for ZTF, TAI for LSST (d). */
  mjd: number;
  /** Right ascension, J2000 (deg). */
  ra: number;
  /** Declination, J2000 (deg). */
  dec: number;
  /** Band, as in the table band. */
  band: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `forced_photometry`. */
export type ForcedPhotometryInsert = Insertable<ForcedPhotometryRow>;
