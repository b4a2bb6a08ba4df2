// Random aggregations of random rows return the same results on every engine.
import { Star } from "@alerce/db-plugins/testing";
import fc from "fast-check";
import { filter, property, stars } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine, refill } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const GROUPS = ["name", "visits", "variable", "kind", "seen", "mag"] as const;
const VALUES = [
  "id",
  "name",
  "mag",
  "flux",
  "visits",
  "variable",
  "seen",
  "kind",
  "uid",
] as const;

const question = fc.record({
  filterBy: filter,
  groupBy: fc.subarray([...GROUPS], { maxLength: 2 }),
  countDistinct: fc.subarray([...VALUES]),
  min: fc.subarray([...VALUES]),
  max: fc.subarray([...VALUES]),
  sum: fc.subarray(["id", "visits"] as const),
  avg: fc.subarray(["id", "visits"] as const),
  direction: fc.constantFrom("asc" as const, "desc" as const),
  least: fc.integer({ min: 1, max: 3 }),
  limit: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
});

onEveryEngine(
  "random groups and measures give the same results",
  async (databases) => {
    const asked = fc.tuple(
      stars,
      fc.array(question, { minLength: 1, maxLength: 8, size: "max" }),
    );
    await property(10 * ROUNDS, asked, async ([rows, questions]) => {
      await refill(databases, rows);
      for (const { direction, least, limit, ...options } of questions) {
        const { groupBy, filterBy } = options;
        await oneAnswer(databases, async (db) => {
          const query = db.query(Star);
          const having = groupBy.length === 0
            ? {}
            : { having: { count: { gte: least } } };
          return [
            await query.aggregate({
              ...options,
              ...having,
              count: true,
              orderBy: { count: direction },
              ...(limit === undefined ? {} : { limit }),
            }),
            [...await query.countBy("seen", { filterBy })],
            await query.distinct("name", { filterBy }),
          ];
        });
      }
    });
  },
);
