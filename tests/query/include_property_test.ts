// Random relations of random rows are the same on every engine.
import {
  Sighting,
  type SightingRow,
  Star,
  type StarInsert,
} from "@alerce/db-plugins/testing";
import fc from "fast-check";
import { filter, order, property, stars } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine, refill } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

type Options = Record<string, unknown>;

/** Few stars, so that each has several sightings. */
const id = fc.bigInt({ min: 0n, max: 4n });

const someStars: fc.Arbitrary<StarInsert[]> = fc.tuple(
  stars,
  fc.uniqueArray(id, { minLength: 3 }),
).map(([rows, ids]) => [
  ...rows.filter(({ id }) => !ids.includes(id)),
  ...ids.map((id) => ({ id, name: `star ${id}`, visits: Number(id) })),
]);

const sightings: fc.Arbitrary<SightingRow[]> = fc.uniqueArray(
  fc.record({
    star: id,
    night: fc.integer({ min: 0, max: 4 }),
    mag: fc.option(fc.constantFrom(-1.5, 0, 2.25), { nil: null }),
    quality: fc.constantFrom(0, 0.25, 0.5, 1),
  }),
  { selector: ({ star, night }) => `${star} ${night}`, minLength: 12 },
);

const sightingFilter: fc.Arbitrary<object> = fc.oneof(
  fc.constantFrom<object[]>({}, { mag: null }, { mag: { ne: 0 } }),
  fc.record({ quality: fc.constantFrom({ gte: 0.5 }, { lt: 1 }, 0.25) }),
  fc.record({ night: fc.array(fc.integer({ min: 0, max: 4 })) }),
  fc.record({ not: fc.record({ star: id }) }),
  fc.record({ star_row: fc.record({ is: filter }) }),
);

const direction = fc.constantFrom<unknown[]>("asc", "desc", {
  direction: "asc",
  nulls: "first",
});

const sightingOrder: fc.Arbitrary<object> = fc.dictionary(
  fc.constantFrom("mag", "quality", "night", "star"),
  direction,
  { maxKeys: 2 },
);

/** Options with some of their properties left out. */
const some = (all: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(all, { requiredKeys: [] });

const select = (...fields: string[]): fc.Arbitrary<string[]> =>
  fc.subarray(fields, { minLength: 1 });

const relations = fc.letrec<{ ofStar: Options; ofSighting: Options }>(
  (tie) => {
    const many: fc.Arbitrary<unknown> = fc.oneof(
      { maxDepth: 3 },
      fc.constant(true),
      some({
        filterBy: sightingFilter,
        orderBy: sightingOrder,
        select: select("night", "mag", "quality", "star"),
        limit: fc.integer({ min: 0, max: 3 }),
        include: tie("ofSighting"),
      }),
    );
    const one: fc.Arbitrary<unknown> = fc.oneof(
      { maxDepth: 3 },
      fc.constant(true),
      some({ select: select("name", "mag", "id"), include: tie("ofStar") }),
    );
    return {
      ofStar: some({ sightings: many }),
      ofSighting: some({
        star_row: one,
        of_star: many,
        same_night: many,
        same_key: many,
      }),
    };
  },
);

const countsOf = (...names: string[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.subarray(names),
    some(Object.fromEntries(
      names.filter((name) => name !== "star_row").map((name) => [
        name,
        fc.oneof(fc.constant(true), some({ filterBy: sightingFilter })),
      ]),
    )),
  );

const question = fc.record({
  filterBy: filter,
  orderBy: order,
  ofStar: some({
    include: relations.ofStar,
    counts: countsOf("sightings"),
    select: select("name", "mag", "visits"),
  }),
  ofSighting: some({
    filterBy: sightingFilter,
    include: relations.ofSighting,
    counts: countsOf("star_row", "of_star", "same_night"),
    select: select("mag", "quality"),
  }),
});

const dataOf = (rows: readonly object[]): unknown =>
  JSON.parse(JSON.stringify(rows));

onEveryEngine(
  "random relations, counts and selections give the same rows",
  async (databases) => {
    const asked = fc.tuple(
      someStars,
      sightings,
      fc.array(question, { minLength: 1, maxLength: 6, size: "max" }),
    );
    await property(5 * ROUNDS, asked, async ([rows, seen, questions]) => {
      await refill(databases, rows, seen);
      for (const { filterBy, orderBy, ofStar, ofSighting } of questions) {
        const star: Options = { filterBy, orderBy, ...ofStar };
        const key = { star: "asc", night: "asc" };
        const sighting: Options = { orderBy: key, ...ofSighting };
        await oneAnswer(databases, async (db) => [
          dataOf(await db.query(Star).findAll(star)),
          dataOf(await db.query(Sighting).findAll(sighting)),
          dataOf(
            await Array.fromAsync(
              db.query(Sighting).stream({ ...sighting, batchSize: 4 }),
            ),
          ),
        ]);
      }
    });
  },
);
