// Random filters by related rows match the same rows on every engine.
import { Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { property, related, sightings, stars } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine, refill } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const questions = fc.record({
  star: fc.array(related.star, { minLength: 3, maxLength: 8, size: "max" }),
  sighting: fc.array(related.sighting, {
    minLength: 3,
    maxLength: 8,
    size: "max",
  }),
  updating: related.star,
  deleting: related.sighting,
});

onEveryEngine(
  "random filters by related rows match, update and delete the same rows",
  async (databases) => {
    await property(
      3 * ROUNDS,
      fc.tuple(stars, sightings, questions),
      async ([starRows, sightingRows, requested]) => {
        await refill(databases, starRows, sightingRows);
        await oneAnswer(databases, async (db) => {
          const [starsOf, sightingsOf] = [db.query(Star), db.query(Sighting)];
          const answers: unknown[] = [];
          for (const filterBy of requested.star) {
            const rows = await starsOf.findAll({
              filterBy,
              orderBy: { id: "asc" },
            });
            assert.equal(await starsOf.count({ filterBy }), rows.length);
            answers.push(rows.map(({ id }) => id));
          }
          for (const filterBy of requested.sighting) {
            const rows = await sightingsOf.findAll({
              filterBy,
              orderBy: { star: "asc", night: "asc" },
            });
            answers.push(rows.map(String));
          }
          const filterBy = requested.updating;
          const set = { visits: 77 };
          answers.push(
            await starsOf.updateAll({ filterBy, set }),
            await starsOf.countBy("visits"),
            await sightingsOf.deleteAll({
              filterBy: requested.deleting,
              all: true,
            }),
            (await sightingsOf.findAll({ orderBy: { star: "asc" } })).map(
              String,
            ),
          );
          return answers;
        });
      },
    );
  },
);
