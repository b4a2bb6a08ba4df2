// Relations by an array relate rows whose arrays are equal as a whole, also with an index on its items.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { onEveryEngine } from "../support/every_engine.ts";

const Track = defineModel("track", {
  fields: z.object({
    id: z.int32(),
    labels: z.array(z.string()).nullable(),
  }),
  primaryKey: ["id"],
  indexes: [{ fields: ["labels"] }],
  relations: {
    same: { kind: "many", model: "track", on: { labels: "labels" } },
  },
});
const LABELS = [["a", "b"], ["b", "a"], ["a", "b"], ["a"], [], null, []];
const SAME = [[0, 2], [1], [0, 2], [3], [4, 6], [], [4, 6]];

onEveryEngine(
  "a relation by an array relates rows with the same array",
  async (databases) => {
    for (const db of databases) {
      const tracks = db.query(Track);
      await tracks.bulkInsert(LABELS.map((labels, id) => ({ id, labels })));
      for (const options of [{}, { limit: 5 }, { limit: 1 }]) {
        const rows = await tracks.findAll({
          orderBy: { id: "asc" },
          include: { same: { orderBy: { id: "asc" }, ...options } },
          counts: { same: true },
        });
        assert.deepEqual(
          rows.map(({ same, counts }) => [
            same.map(({ id }) => id),
            counts.same,
          ]),
          SAME.map((ids) => [ids.slice(0, options.limit), ids.length]),
        );
      }
      const related = await tracks.findAll({
        filterBy: { same: { some: { id: 2 } } },
        orderBy: { id: "asc" },
      });
      assert.deepEqual(related.map(({ id }) => id), [0, 2]);
    }
  },
  [Track],
);
