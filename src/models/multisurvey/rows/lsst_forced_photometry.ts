// Written by `deno task row-types` from ../lsst_forced_photometry.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `lsst_forced_photometry`: what LSST measured at the position of a known object. */
export interface LsstForcedPhotometryRow {
  /** Object identifier: diaObjectId. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Identifier of the measurement: diaForcedSourceId. */
  measurement_id: bigint;
  /** Visit in which it was measured. */
  visit: bigint;
  /** Detector on which it was measured. */
  detector: number;
  /** Flux of a point source on the difference image (nJy). */
  psfFlux: number | null;
  /** Uncertainty of psfFlux (nJy). */
  psfFluxErr: number | null;
  /** Flux of a point source on the visit image (nJy). */
  scienceFlux: number | null;
  /** Uncertainty of scienceFlux (nJy). */
  scienceFluxErr: number | null;
  /** Time at which the image was processed, modified Julian date, TAI (d). */
  timeProcessedMjdTai: number;
  /** Time at which the record was marked as invalid, modified Julian date, TAI (d). */
  timeWithdrawnMjdTai: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `lsst_forced_photometry`. */
export type LsstForcedPhotometryInsert = Insertable<LsstForcedPhotometryRow>;
