import type { InsertOf } from "../model/types.ts";
import type { Detection, ForcedPhotometry } from "../models/multisurvey/mod.ts";
import type { Measurement } from "./measurement.ts";

/** Returns the row of `detection` or `forced_photometry`: what all surveys measure. */
export function commonRow(
  { object: { oid, sid }, measurement_id, mjd, ra, dec, band }: Measurement,
): InsertOf<typeof Detection> & InsertOf<typeof ForcedPhotometry> {
  return { oid, sid, measurement_id, mjd, ra, dec, band };
}
