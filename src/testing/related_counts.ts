import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { fillStars } from "./stars.ts";

async function fill(db: Connection): Promise<void> {
  await fillStars(db);
  await db.query(Sighting).bulkInsert([
    { star: 1n, night: 1, quality: 0.25 },
    { star: 1n, night: 2, quality: 0.5 },
    { star: 1n, night: 3, quality: 1 },
    { star: 2n, night: 1, quality: 1 },
    { star: 404n, night: 1, quality: 1 },
  ]);
}

/** The option `counts`. */
export const relatedCounts: readonly Behaviour[] = [
  behaviour("counts adds the numbers of related rows", async (db) => {
    await fill(db);
    const stars = db.query(Star);
    const filterBy = { id: [1n, 2n, 3n] };
    const rows = await stars.findAll({
      filterBy,
      orderBy: { id: "asc" },
      select: ["name"],
      counts: ["sightings"],
    });
    assert.deepEqual(
      rows.map(({ counts: { sightings } }) => sightings),
      [3, 1, 0],
    );
    assert.deepEqual({ ...rows[0] }, {
      name: "Algol",
      counts: { sightings: 3 },
    });
    const filtered = await stars.findAll({
      filterBy,
      orderBy: { id: "asc" },
      counts: { sightings: { filterBy: { quality: { gte: 0.5 } } } },
      include: { sightings: { limit: 1 } },
    });
    assert.deepEqual(
      filtered.map(({ counts, sightings }) => [
        counts.sightings,
        sightings.length,
      ]),
      [[2, 1], [1, 1], [0, 0]],
    );
    assert.deepEqual(
      await stars.findAll({ filterBy, counts: { sightings: true } }),
      await stars.findAll({ filterBy, counts: ["sightings"] }),
    );
    assert.deepEqual(
      await stars.findAll({ filterBy, counts: [] }),
      await stars.findAll({ filterBy }),
    );
    assert.deepEqual(
      JSON.parse(JSON.stringify(filtered[0])).counts,
      { sightings: 2 },
    );
  }),
  behaviour("counts of relations to one row are 0 or 1", async (db) => {
    await fill(db);
    const rows = await db.query(Sighting).findAll({
      filterBy: { night: 1 },
      orderBy: { star: "asc" },
      counts: ["star_row", "of_star", "same_key"],
    });
    assert.deepEqual(rows.map(({ counts }) => counts), [
      { star_row: 1, of_star: 3, same_key: 1 },
      { star_row: 1, of_star: 1, same_key: 1 },
      { star_row: 0, of_star: 1, same_key: 1 },
    ]);
  }),
  behaviour(
    "counts works in pages, first, findOne, streams, and transactions",
    async (db) => {
      await fill(db);
      const counts = ["sightings"] as const;
      const numbers = (
        rows: readonly { readonly counts: { sightings: number } }[],
      ): number[] => rows.map(({ counts: { sightings } }) => sightings);
      const stars = db.query(Star);
      const page = await stars.find({ counts, perPage: 2 });
      assert.deepEqual(numbers(page.items), [0, 3]);
      assert.deepEqual(numbers((await page.next()).items), [1, 0]);
      const filterBy = { id: 1n };
      const first = await stars.first({ filterBy, counts });
      const one = await stars.findOne({ filterBy, counts });
      assert.deepEqual(first, one);
      assert.deepEqual(numbers(one === null ? [] : [one]), [3]);
      const streamed = await Array.fromAsync(
        stars.stream({ orderBy: { id: "asc" }, counts, batchSize: 2 }),
      );
      assert.deepEqual(numbers(streamed), [0, 3, 1, 0, 0]);
      await db.transaction(async (tx) => {
        assert.deepEqual(
          await tx.query(Star).findOne({ filterBy, counts }),
          one,
        );
      });
    },
  ),
  behaviour(
    "the error for a wrong value in counts has the wrong name and the nearest one",
    async (db) => {
      const wrong = [
        [["sighting"], "sighting", "sightings"],
        [{ sighting: true }, "sighting", "sightings"],
        ["sightings", "counts", undefined],
        [{ sightings: false }, "sightings", undefined],
        [{ sightings: { filter: {} } }, "filter", "filterBy"],
        [{ sightings: { filterBy: { nigt: 1 } } }, "nigt", "night"],
      ] as const;
      for (const [counts, field, nearest] of wrong) {
        const options: Record<string, unknown> = { counts };
        await assert.rejects(
          async () => await db.query(Star).findAll(options),
          (error) =>
            error instanceof QueryError && error.field === field &&
            error.nearest === nearest,
          JSON.stringify(counts),
        );
      }
    },
  ),
];
