// Written by `deno task row-types` from ../lsst_ss_detection.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `lsst_ss_detection`: where one solar system object was in one detection of LSST. */
export interface LsstSsDetectionRow {
  /** Identifier of the source: diaSourceId. */
  measurement_id: bigint;
  /** Identifier of the solar system object. */
  ssObjectId: bigint;
  /** Primary provisional designation, unpacked, as in 2008 AB. */
  designation: string | null;
  /** Ecliptic longitude. */
  eclLambda: number;
  /** Ecliptic latitude. */
  eclBeta: number;
  /** Galactic longitude. */
  galLon: number;
  /** Galactic latitude. */
  galLat: number;
  /** Solar elongation. */
  elongation: number | null;
  /** Angle between Sun, object, and observer. */
  phaseAngle: number | null;
  /** Topocentric distance when the light left the object. */
  topoRange: number | null;
  /** Topocentric radial velocity, positive if the object recedes. */
  topoRangeRate: number | null;
  /** Heliocentric distance when the light left the object. */
  helioRange: number | null;
  /** Heliocentric radial velocity, positive if the object recedes. */
  helioRangeRate: number | null;
  /** Predicted right ascension, ICRS. */
  ephRa: number | null;
  /** Predicted declination, ICRS. */
  ephDec: number | null;
  /** Predicted magnitude V (mag). */
  ephVmag: number | null;
  /** Predicted motion on the sky. */
  ephRate: number | null;
  /** Predicted motion in right ascension, times cos(dec). */
  ephRateRa: number | null;
  /** Predicted motion in declination. */
  ephRateDec: number | null;
  /** Distance of the observed position to the predicted one. */
  ephOffset: number | null;
  /** That distance in right ascension, times cos(dec). */
  ephOffsetRa: number | null;
  /** That distance in declination. */
  ephOffsetDec: number | null;
  /** That distance along the track. */
  ephOffsetAlongTrack: number | null;
  /** That distance across the track. */
  ephOffsetCrossTrack: number | null;
  /** Heliocentric position x, ICRS, when the light left the object. */
  helio_x: number | null;
  /** Heliocentric position y, ICRS, when the light left the object. */
  helio_y: number | null;
  /** Heliocentric position z, ICRS, when the light left the object. */
  helio_z: number | null;
  /** Heliocentric velocity x, ICRS, when the light left the object. */
  helio_vx: number | null;
  /** Heliocentric velocity y, ICRS, when the light left the object. */
  helio_vy: number | null;
  /** Heliocentric velocity z, ICRS, when the light left the object. */
  helio_vz: number | null;
  /** Heliocentric speed. */
  helio_vtot: number | null;
  /** Topocentric position x, ICRS, when the light left the object. */
  topo_x: number | null;
  /** Topocentric position y, ICRS, when the light left the object. */
  topo_y: number | null;
  /** Topocentric position z, ICRS, when the light left the object. */
  topo_z: number | null;
  /** Topocentric velocity x, ICRS, when the light left the object. */
  topo_vx: number | null;
  /** Topocentric velocity y, ICRS, when the light left the object. */
  topo_vy: number | null;
  /** Topocentric velocity z, ICRS, when the light left the object. */
  topo_vz: number | null;
  /** Topocentric speed. */
  topo_vtot: number | null;
  /** Rank of the source among those nearest to the predicted position, from 1. */
  diaDistanceRank: number | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `lsst_ss_detection`. */
export type LsstSsDetectionInsert = Insertable<LsstSsDetectionRow>;
