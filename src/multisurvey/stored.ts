import type { Transaction } from "../connection/transaction.ts";
import type { RowOf } from "../model/types.ts";
import { Detection, ForcedPhotometry } from "../models/multisurvey/mod.ts";
import { measurementText } from "./measurement.ts";

/** A stored detection, as all surveys have it. */
export type StoredDetection = Pick<
  RowOf<typeof Detection>,
  "oid" | "sid" | "measurement_id" | "mjd" | "ra" | "dec" | "band"
>;

/** The key of a stored measurement. */
export type StoredKey = Pick<
  RowOf<typeof ForcedPhotometry>,
  "oid" | "sid" | "measurement_id"
>;

/** Returns the detections of objects, by text of the measurement. */
export async function storedDetections(
  tx: Transaction,
  oids: readonly bigint[],
  sids: readonly number[],
): Promise<Map<string, StoredDetection>> {
  const rows = await tx.query(Detection).findAll({
    filterBy: { oid: oids, sid: sids },
    select: ["oid", "sid", "measurement_id", "mjd", "ra", "dec", "band"],
  });
  return new Map(rows.map((row) => [measurementText(row), row]));
}

/** Returns the keys of the forced photometry of objects, by text of the measurement. */
export async function storedForced(
  tx: Transaction,
  oids: readonly bigint[],
  sids: readonly number[],
): Promise<Map<string, StoredKey>> {
  const rows = await tx.query(ForcedPhotometry).findAll({
    filterBy: { oid: oids, sid: sids },
    select: ["oid", "sid", "measurement_id"],
  });
  return new Map(rows.map((row) => [measurementText(row), row]));
}
