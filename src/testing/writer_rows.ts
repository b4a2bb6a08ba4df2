import type { Connection } from "../connection/connection.ts";
import { Sighting, Stamp, Star, type StarInsert } from "./models.ts";

/** The report of a flush that did nothing. */
export const NOTHING = { inserted: 0, updated: 0, ignored: 0, rejected: 0 };

/** Stars with different keys and names. */
export function stars(count: number, first = 100): StarInsert[] {
  return Array.from({ length: count }, (_, index) => ({
    id: BigInt(first + index),
    name: `w${first + index}`,
    visits: index,
  }));
}

/** The numbers of stored stars, sightings and stamps. */
export async function counts(db: Pick<Connection, "query">): Promise<number[]> {
  return await Promise.all([
    db.query(Star).count(),
    db.query(Sighting).count(),
    db.query(Stamp).count(),
  ]);
}
