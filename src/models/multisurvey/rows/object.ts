// Written by `deno task row-types` from ../object.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `object`: an astronomical object of any survey. */
export interface AstroObjectRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Telescope: 0 ZTF, 1 LSST. */
  tid: number;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Mean right ascension of the detections, J2000 (deg). */
  meanra: number;
  /** Mean declination of the detections, J2000 (deg). */
  meandec: number;
  /** Uncertainty of meanra (arcsec). */
  sigmara: number | null;
  /** Uncertainty of meandec (arcsec). */
  sigmadec: number | null;
  /** First detection, modified Julian date (d). */
  firstmjd: number;
  /** Last detection, modified Julian date (d). */
  lastmjd: number;
  /** Time from the first to the last detection (d). */
  deltamjd: number;
  /** Detections. */
  n_det: number;
  /** Forced measurements. */
  n_forced: number;
  /** Non-detections. */
  n_non_det: number;
  /** Day of the insert, UTC. */
  created_date: Date | null;
  /** Day of the last update, UTC. */
  updated_date: Date | null;
}

/** The input of a write to `object`. */
export type AstroObjectInsert = Insertable<
  & Omit<AstroObjectRow, "deltamjd" | "n_det" | "n_forced" | "n_non_det">
  & Partial<
    Pick<AstroObjectRow, "deltamjd" | "n_det" | "n_forced" | "n_non_det">
  >
>;
