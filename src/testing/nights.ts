import type { Connection } from "../connection/connection.ts";
import { Sighting } from "./models.ts";

/** The number of sightings that {@link fillNights} writes. */
export const NIGHTS = 23;

/** Writes sightings of one star, one a night, some with equal or null magnitudes. */
export async function fillNights(db: Connection): Promise<void> {
  await db.query(Sighting).bulkInsert(
    Array.from({ length: NIGHTS }, (_, night) => ({
      star: 1n,
      night,
      mag: night % 4 === 0 ? null : night % 3,
      quality: (night % 2) / 2,
    })),
  );
}
