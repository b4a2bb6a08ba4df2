import assert from "node:assert/strict";
import { LimitError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { dataOf, fillNights } from "./sighting_nights.ts";

/** Returns an `include` of some levels that goes from stars to sightings and back. */
function nested(levels: number): Record<string, unknown> {
  let include: Record<string, unknown> = {};
  for (let level = levels; level > 0; level--) {
    const name = level % 2 === 1 ? "sightings" : "star_row";
    const inner = Object.keys(include).length === 0 ? {} : { include };
    include = {
      [name]: { ...(name === "sightings" ? { limit: 1 } : {}), ...inner },
    };
  }
  return include;
}

/** Levels of `include`. */
export const includeLevels: readonly Behaviour[] = [
  behaviour("relations nest", async (db) => {
    await fillNights(db);
    const rows = await db.query(Sighting).findAll({
      filterBy: { night: 1 },
      orderBy: { star: "asc" },
      select: ["star"],
      include: {
        star_row: {
          select: ["name"],
          include: {
            sightings: {
              orderBy: { night: "desc" },
              select: ["night"],
              limit: 1,
              include: { of_star: { select: ["night"] } },
            },
          },
        },
      },
    });
    assert.deepEqual(
      dataOf(rows),
      [
        {
          star: "1",
          star_row: {
            name: "Algol",
            sightings: [{
              night: 6,
              of_star: [6, 5, 4, 3, 2, 1].map((night) => ({ night })),
            }],
          },
        },
        {
          star: "2",
          star_row: {
            name: "Mira",
            sightings: [{
              night: 3,
              of_star: [3, 2, 1].map((night) => ({ night })),
            }],
          },
        },
        { star: "404", star_row: null },
      ],
    );
  }),
  behaviour("include has a limited number of levels", async (db) => {
    await fillNights(db);
    const untyped: Record<string, unknown> = { include: nested(20) };
    let rows: unknown = await db.query(Star).findAll({
      filterBy: { id: 1n },
      ...untyped,
    });
    for (let level = 0; level < 20; level++) {
      const row: unknown = Array.isArray(rows) ? rows[0] : rows;
      assert.ok(typeof row === "object" && row !== null, `level ${level}`);
      rows = Reflect.get(row, level % 2 === 0 ? "sightings" : "star_row");
    }
    assert.ok(rows !== undefined);
    const cyclic: Record<string, unknown> = {};
    cyclic["sightings"] = { include: { star_row: { include: cyclic } } };
    for (const include of [nested(65), cyclic]) {
      const options: Record<string, unknown> = { include };
      await assert.rejects(
        async () => await db.query(Star).findAll(options),
        (error) => error instanceof LimitError && error.limit === "levels",
      );
    }
  }),
];
