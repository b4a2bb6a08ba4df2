import type { Connection } from "../connection/connection.ts";
import { Star, type StarInsert, type StarRow } from "./models.ts";

/** An integer beyond 2^53, which a number cannot represent. */
export const BIG = 9_007_199_254_740_993n;

/** Five stars that differ in every field, with a null in every nullable field. */
export const STARS: readonly StarInsert[] = [
  {
    id: 1n,
    name: "Algol",
    mag: 2.12,
    flux: 0.5,
    visits: 3,
    variable: true,
    seen: new Date("2018-06-01T04:07:22.125Z"),
    labels: ["eclipsing", "binary"],
    kind: "O",
    uid: "0b0c0ffe-0000-4000-8000-000000000001",
    notes: { by: "Goodricke", year: 1783 },
    status: "old",
  },
  {
    id: 2n,
    name: "Mira",
    mag: 6.5,
    visits: 3,
    labels: ["variable"],
    kind: "M",
  },
  { id: 3n, name: "algol", mag: 2.12, flux: 0.25, visits: 1, variable: false },
  {
    id: BIG,
    name: "Deneb_100%",
    seen: new Date("2020-01-01T00:00:00Z"),
    labels: [],
  },
  { id: -5n, name: "Ω Cen", mag: -1.46, visits: 0, variable: true, kind: "G" },
];

/** Writes {@link STARS}. */
export async function fillStars(db: Connection): Promise<void> {
  await db.query(Star).bulkInsert(STARS);
}

/** Reads all stars, in the order of their keys. */
export function starsById(db: Connection): Promise<StarRow[]> {
  return db.query(Star).findAll({ orderBy: { id: "asc" } });
}

/** The names of the rows, in their order. */
export function names(rows: readonly { readonly name: string }[]): string[] {
  return rows.map(({ name }) => name);
}

/** The rows as plain objects, for comparison. */
export function plain<T extends object>(rows: readonly T[]): T[] {
  return rows.map((row) => ({ ...row }));
}
