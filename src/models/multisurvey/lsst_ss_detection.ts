import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import {
  float32,
  float64,
  int32,
  int64,
  varchar,
} from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  LsstSsDetectionInsert,
  LsstSsDetectionRow,
} from "./rows/lsst_ss_detection.ts";

/** `lsst_ss_detection`: where one solar system object was in one detection of LSST. */
export const LsstSsDetection: Model<
  LsstSsDetectionRow,
  LsstSsDetectionInsert,
  "lsst_ss_detection",
  object,
  "ssObjectId" | "measurement_id"
> = deferredModel("lsst_ss_detection", () => ({
  fields: z.object({
    measurement_id: int64("Identifier of the source: diaSourceId"),
    ssObjectId: int64("Identifier of the solar system object"),
    designation: varchar(
      "Primary provisional designation, unpacked, as in 2008 AB",
    ).nullable(),
    eclLambda: float64("Ecliptic longitude"),
    eclBeta: float64("Ecliptic latitude"),
    galLon: float64("Galactic longitude"),
    galLat: float64("Galactic latitude"),
    elongation: float32("Solar elongation").nullable(),
    phaseAngle: float32("Angle between Sun, object, and observer").nullable(),
    topoRange: float32("Topocentric distance when the light left the object")
      .nullable(),
    topoRangeRate: float32(
      "Topocentric radial velocity, positive if the object recedes",
    ).nullable(),
    helioRange: float32("Heliocentric distance when the light left the object")
      .nullable(),
    helioRangeRate: float32(
      "Heliocentric radial velocity, positive if the object recedes",
    ).nullable(),
    ephRa: float64("Predicted right ascension, ICRS").nullable(),
    ephDec: float64("Predicted declination, ICRS").nullable(),
    ephVmag: float32("Predicted magnitude V", "mag").nullable(),
    ephRate: float32("Predicted motion on the sky").nullable(),
    ephRateRa: float32("Predicted motion in right ascension, times cos(dec)")
      .nullable(),
    ephRateDec: float32("Predicted motion in declination").nullable(),
    ephOffset: float32("Distance of the observed position to the predicted one")
      .nullable(),
    ephOffsetRa: float64("That distance in right ascension, times cos(dec)")
      .nullable(),
    ephOffsetDec: float64("That distance in declination").nullable(),
    ephOffsetAlongTrack: float32("That distance along the track").nullable(),
    ephOffsetCrossTrack: float32("That distance across the track").nullable(),
    helio_x: float32(
      "Heliocentric position x, ICRS, when the light left the object",
    ).nullable(),
    helio_y: float32(
      "Heliocentric position y, ICRS, when the light left the object",
    ).nullable(),
    helio_z: float32(
      "Heliocentric position z, ICRS, when the light left the object",
    ).nullable(),
    helio_vx: float32(
      "Heliocentric velocity x, ICRS, when the light left the object",
    ).nullable(),
    helio_vy: float32(
      "Heliocentric velocity y, ICRS, when the light left the object",
    ).nullable(),
    helio_vz: float32(
      "Heliocentric velocity z, ICRS, when the light left the object",
    ).nullable(),
    helio_vtot: float32("Heliocentric speed").nullable(),
    topo_x: float32(
      "Topocentric position x, ICRS, when the light left the object",
    ).nullable(),
    topo_y: float32(
      "Topocentric position y, ICRS, when the light left the object",
    ).nullable(),
    topo_z: float32(
      "Topocentric position z, ICRS, when the light left the object",
    ).nullable(),
    topo_vx: float32(
      "Topocentric velocity x, ICRS, when the light left the object",
    ).nullable(),
    topo_vy: float32(
      "Topocentric velocity y, ICRS, when the light left the object",
    ).nullable(),
    topo_vz: float32(
      "Topocentric velocity z, ICRS, when the light left the object",
    ).nullable(),
    topo_vtot: float32("Topocentric speed").nullable(),
    diaDistanceRank: int32(
      "Rank of the source among those nearest to the predicted position, from 1",
    ).nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["ssObjectId", "measurement_id"],
  primaryKeyName: "pk_lsstssdetection_ssobjectid_measurementid",
  indexes: [
    {
      name: "ix_lsstssdetection_ssobjectid",
      fields: ["ssObjectId"],
      using: "hash",
    },
  ],
}));
