import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { float64, int32, int64, json, varchar } from "../../model/columns.ts";
import { createdDate, day, writtenDate } from "../../model/day_columns.ts";
import type {
  LsstMpcOrbitsInsert,
  LsstMpcOrbitsRow,
} from "./rows/lsst_mpc_orbits.ts";

/** `lsst_mpc_orbits`: the orbit of one solar system object, by the Minor Planet Center. */
export const LsstMpcOrbits: Model<
  LsstMpcOrbitsRow,
  LsstMpcOrbitsInsert,
  "lsst_mpc_orbits",
  object,
  "ssObjectId"
> = deferredModel("lsst_mpc_orbits", () => ({
  fields: z.object({
    ssObjectId: int64("Identifier of the solar system object"),
    designation: varchar(
      "Primary provisional designation, unpacked, as in 2008 AB",
    ),
    packed_primary_provisional_designation: varchar(
      "Primary provisional designation, packed, as in K08A00B",
    ),
    unpacked_primary_provisional_designation: varchar(
      "Primary provisional designation, unpacked, as in 2008 AB",
    ),
    mpc_orb_jsonb: json("Orbit solution of the Minor Planet Center").nullable(),
    created_at: day("Day on which the catalogue's row was created").nullable(),
    updated_at: day("Day on which the catalogue's row was updated").nullable(),
    orbit_type_int: int32("Type of the orbit").nullable(),
    u_param: int32("Uncertainty parameter U").nullable(),
    nopp: int32("Oppositions").nullable(),
    arc_length_total: float64("Arc of all observations", "d").nullable(),
    arc_length_sel: float64("Arc of the observations that were used", "d")
      .nullable(),
    nobs_total: int32("Observations").nullable(),
    nobs_total_sel: int32("Observations that were used").nullable(),
    a: float64("Semi-major axis", "au").nullable(),
    q: float64("Pericenter distance", "au").nullable(),
    e: float64("Eccentricity").nullable(),
    i: float64("Inclination", "deg").nullable(),
    node: float64("Longitude of the ascending node", "deg").nullable(),
    argperi: float64("Argument of the pericenter", "deg").nullable(),
    peri_time: float64("Time from the pericenter passage", "d").nullable(),
    yarkovsky: float64("Yarkovsky component", "1e-10 au/d2").nullable(),
    srp: float64("Component of the solar radiation pressure", "m2/t")
      .nullable(),
    a1: float64("Component A1 of non-gravitational forces", "m2/t").nullable(),
    a2: float64("Component A2 of non-gravitational forces", "m2/t").nullable(),
    a3: float64("Component A3 of non-gravitational forces", "m2/t").nullable(),
    dt: float64("Component DT of non-gravitational forces").nullable(),
    mean_anomaly: float64("Mean anomaly", "deg").nullable(),
    period: float64("Orbital period", "d").nullable(),
    mean_motion: float64("Mean motion", "deg/d").nullable(),
    a_unc: float64("Uncertainty of a", "au").nullable(),
    q_unc: float64("Uncertainty of q", "au").nullable(),
    e_unc: float64("Uncertainty of e").nullable(),
    i_unc: float64("Uncertainty of i", "deg").nullable(),
    node_unc: float64("Uncertainty of node", "deg").nullable(),
    argperi_unc: float64("Uncertainty of argperi", "deg").nullable(),
    peri_time_unc: float64("Uncertainty of peri_time", "d").nullable(),
    yarkovsky_unc: float64("Uncertainty of yarkovsky", "1e-10 au/d2")
      .nullable(),
    srp_unc: float64("Uncertainty of srp", "m2/t").nullable(),
    a1_unc: float64("Uncertainty of a1", "m2/t").nullable(),
    a2_unc: float64("Uncertainty of a2", "m2/t").nullable(),
    a3_unc: float64("Uncertainty of a3", "m2/t").nullable(),
    dt_unc: float64("Uncertainty of dt").nullable(),
    mean_anomaly_unc: float64("Uncertainty of mean_anomaly", "deg").nullable(),
    period_unc: float64("Uncertainty of period", "d").nullable(),
    mean_motion_unc: float64("Uncertainty of mean_motion", "deg/d").nullable(),
    epoch_mjd: float64("Epoch of the solution, modified Julian date", "d")
      .nullable(),
    h: float64("Absolute magnitude H", "mag").nullable(),
    g: float64("Slope parameter G").nullable(),
    not_normalized_rms: float64("RMS of the fit", "arcsec").nullable(),
    normalized_rms: float64("RMS of the fit, normalized").nullable(),
    earth_moid: float64(
      "Minimum distance of the orbit to that of the Earth",
      "au",
    ).nullable(),
    fitting_datetime: day("Day of the last fit").nullable(),
    created_date: createdDate(),
    updated_date: writtenDate(),
  }),
  primaryKey: ["ssObjectId"],
  primaryKeyName: "pk_lsstmpcorbits_ss_object_id",
}));
