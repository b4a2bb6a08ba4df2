import type { Connection } from "../connection/connection.ts";
import { Sighting } from "./models.ts";
import { fillStars } from "./stars.ts";

/** Nights 1 to 6 of star 1, nights 1 to 3 of star 2, one night of a star that does not exist. */
export async function fillNights(db: Connection): Promise<void> {
  await fillStars(db);
  await db.query(Sighting).bulkInsert([
    ...[3, 1, 6, 2, 5, 4].map((night) => ({
      star: 1n,
      night,
      mag: night % 2 === 0 ? 10 : null,
      quality: night > 4 ? 0.5 : 0.25,
    })),
    ...[2, 1, 3].map((night) => ({ star: 2n, night, quality: 1 })),
    { star: 404n, night: 1, quality: 1 },
  ]);
}

/** Returns the data of rows, without their prototypes. */
export function dataOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
