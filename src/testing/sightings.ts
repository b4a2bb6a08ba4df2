import type { Connection } from "../connection/connection.ts";
import { Sighting } from "./models.ts";
import { fillStars } from "./stars.ts";

/** Algol has two sightings, Mira one, and the star of the last one is unknown. */
const SIGHTINGS = [
  { star: 1n, night: 2, quality: 0.5, mag: 2.1 },
  { star: 1n, night: 1, quality: 0.25 },
  { star: 2n, night: 1, quality: 1, mag: 6 },
  { star: 404n, night: 1, quality: 1 },
];

/** Fills both tables: with the stars of the suite, and with sightings. */
export async function fillSightings(db: Connection): Promise<void> {
  await fillStars(db);
  await db.query(Sighting).bulkInsert(SIGHTINGS);
}
