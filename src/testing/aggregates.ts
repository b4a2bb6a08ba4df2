import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import type { AggregateOptions } from "../query/read/aggregate_options.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star, Tally } from "./models.ts";
import { BIG, fillStars } from "./stars.ts";

/** Values computed over groups of rows. */
export const aggregates: readonly Behaviour[] = [
  behaviour(
    "aggregate computes values of all rows, also of none",
    async (db) => {
      const options = {
        count: true,
        countDistinct: ["visits"],
        min: ["id", "name", "variable", "seen", "kind", "uid"],
        max: ["id", "name", "variable", "mag"],
        sum: ["id", "visits", "mag"],
        avg: ["visits", "mag"],
      } as const;
      const none = {
        countDistinct: { visits: 0 },
        min: {
          id: null,
          name: null,
          variable: null,
          seen: null,
          kind: null,
          uid: null,
        },
        max: { id: null, name: null, variable: null, mag: null },
        sum: { id: null, visits: null, mag: null },
        avg: { visits: null, mag: null },
        count: 0,
      };
      assert.deepEqual(await db.query(Star).aggregate(options), [none]);
      await fillStars(db);
      const [all] = await db.query(Star).aggregate(options);
      assert.ok(all);
      const { sum, avg, ...rest } = all;
      assert.deepEqual(rest, {
        countDistinct: { visits: 3 },
        min: {
          id: -5n,
          name: "Algol",
          variable: false,
          seen: new Date("2018-06-01T04:07:22.125Z"),
          kind: "G",
          uid: "0b0c0ffe-0000-4000-8000-000000000001",
        },
        max: { id: BIG, name: "Ω Cen", variable: true, mag: 6.5 },
        count: 5,
      });
      assert.equal(sum.id, BIG + 1n);
      assert.equal(sum.visits, 7n);
      assertNear(sum.mag, 2.12 + 6.5 + 2.12 - 1.46);
      assertNear(avg.visits, 7 / 4);
      assertNear(avg.mag, (2.12 + 6.5 + 2.12 - 1.46) / 4);
    },
  ),
  behaviour("aggregate groups rows, and null is a group", async (db) => {
    await fillStars(db);
    const query = db.query(Star);
    assert.deepEqual(
      await query.aggregate({
        groupBy: ["visits"],
        count: true,
        max: ["id"],
        orderBy: { visits: "desc" },
      }),
      [
        { visits: 3, count: 2, max: { id: 2n } },
        { visits: 1, count: 1, max: { id: 3n } },
        { visits: 0, count: 1, max: { id: -5n } },
        { visits: null, count: 1, max: { id: BIG } },
      ],
    );
    assert.deepEqual(
      await query.aggregate({
        groupBy: ["variable", "visits"],
        filterBy: { visits: { gte: 1 } },
        orderBy: { variable: "asc" },
      }),
      [
        { variable: false, visits: 1 },
        { variable: true, visits: 3 },
        { variable: null, visits: 3 },
      ],
    );
  }),
  behaviour(
    "aggregate keeps groups by their count, orders and limits them",
    async (db) => {
      await db.query(Sighting).bulkInsert(
        [3n, 2n, 2n, 1n, 1n, 1n].map((star, night) => ({
          star,
          night,
          mag: night,
          quality: 1,
        })),
      );
      const query = db.query(Sighting);
      const groups = (options: AggregateOptions<typeof Sighting>) =>
        query.aggregate({ groupBy: ["star"], count: true, ...options });
      assert.deepEqual(
        await groups({
          having: { count: { gte: 2 } },
          orderBy: { count: "asc" },
        }),
        [{ star: 2n, count: 2 }, { star: 1n, count: 3 }],
      );
      assert.deepEqual(
        await groups({ having: { count: { gt: 1, lt: 3 } } }),
        [{ star: 2n, count: 2 }],
      );
      assert.deepEqual(await groups({ orderBy: { count: "desc" }, limit: 1 }), [
        { star: 1n, count: 3 },
      ]);
      assert.deepEqual(await groups({ limit: 2 }), [
        { star: 1n, count: 3 },
        { star: 2n, count: 2 },
      ]);
      assert.deepEqual(await groups({ limit: 0 }), []);
      assert.deepEqual(await groups({ having: { count: { eq: 7 } } }), []);
    },
  ),
  behaviour("sums of integers are exact beyond 64 bits", async (db) => {
    const most = 2n ** 63n - 1n;
    await db.query(Star).bulkInsert(
      [most, most - 1n, most - 2n].map((id) => ({ id, name: String(id) })),
    );
    const [all] = await db.query(Star).aggregate({ sum: ["id"] });
    assert.equal(all?.sum.id, 3n * most - 3n);
  }),
  behaviour("averages of large integers are exact", async (db) => {
    const stars = db.query(Star);
    const average = async (ids: readonly bigint[]) => {
      await stars.deleteAll({ filterBy: {}, all: true });
      await stars.bulkInsert(ids.map((id) => ({ id, name: String(id) })));
      return (await stars.aggregate({ avg: ["id"] }))[0]?.avg.id;
    };
    const most = 2n ** 63n - 1n;
    assert.equal(await average([2n ** 53n + 1n, 1n]), 2 ** 52 + 1);
    assert.equal(await average([most, -most, 3n]), 1);
    assert.equal(await average([most, most - 2n]), 2 ** 63);
  }),
  behaviour(
    "sums and averages of float32 fields have the precision of float64",
    async (db) => {
      const values = [2 ** 24, 1, 1, null];
      await db.query(Star).bulkInsert(
        values.map((flux, id) => ({ id: BigInt(id), name: `s${id}`, flux })),
      );
      assert.deepEqual(
        await db.query(Star).aggregate({ sum: ["flux"], avg: ["flux"] }),
        [{ sum: { flux: 2 ** 24 + 2 }, avg: { flux: (2 ** 24 + 2) / 3 } }],
      );
    },
  ),
  behaviour(
    "NaN is the greatest number and a group of its own, and a group without values has null",
    async (db) => {
      const query = db.query(Tally);
      await query.bulkInsert([
        { id: 1, total: 1n, level: NaN },
        { id: 2, total: 1n, level: 2 },
        { id: 3, total: 1n, level: null },
        { id: 4, total: 2n, level: NaN },
        { id: 5, total: 2n, level: NaN },
        { id: 6, total: 3n, level: null },
        { id: 7, total: 4n, level: -1 },
        { id: 8, total: 4n, level: 2 },
      ]);
      const measures = {
        min: ["level"],
        max: ["level"],
        sum: ["level"],
        avg: ["level"],
        countDistinct: ["level"],
      } as const;
      const groups = await query.aggregate({
        groupBy: ["total"],
        ...measures,
        orderBy: { total: "asc" },
      });
      assert.deepEqual(
        groups.map(({ min, max, sum, avg, countDistinct }) =>
          [min, max, sum, avg, countDistinct].map(({ level }) => level)
        ),
        [
          [2, NaN, NaN, NaN, 2],
          [NaN, NaN, NaN, NaN, 1],
          [null, null, null, null, 0],
          [-1, 2, 1, 0.5, 2],
        ],
      );
      assert.deepEqual([...await query.countBy("level")], [
        [-1, 1],
        [2, 2],
        [NaN, 3],
        [null, 2],
      ]);
      assert.deepEqual(
        await query.aggregate({ groupBy: ["total"], sum: ["id", "total"] })
          .then((groups) =>
            groups.map(({ total, sum }) => [total, sum.id, sum.total])
              .sort(([one], [other]) => Number(one) - Number(other))
          ),
        [[1n, 6n, 3n], [2n, 9n, 4n], [3n, 6n, 3n], [4n, 15n, 8n]],
      );
    },
  ),
  behaviour("the numbers of having can be any numbers", async (db) => {
    await fillStars(db);
    const counts = async (count: object) =>
      (await db.query(Star).aggregate({
        groupBy: ["visits"],
        count: true,
        having: { count },
        orderBy: { visits: "asc" },
      })).map(({ visits, count }) => [visits, count]);
    assert.deepEqual(await counts({ gt: 1.5 }), [[3, 2]]);
    assert.deepEqual(await counts({ lte: 1.5, gte: -3 }), [
      [0, 1],
      [1, 1],
      [null, 1],
    ]);
    assert.deepEqual(await counts({ eq: 1.5 }), []);
    assert.deepEqual((await counts({ lt: Infinity })).length, 4);
    assert.deepEqual(await counts({ lt: 1e300, gt: 1 }), [[3, 2]]);
  }),
  behaviour(
    "countBy and distinct return values in their order, null last",
    async (db) => {
      await fillStars(db);
      const query = db.query(Star);
      assert.deepEqual(
        [...await query.countBy("visits")],
        [[0, 1], [1, 1], [3, 2], [null, 1]],
      );
      assert.deepEqual(await query.distinct("name"), [
        "Algol",
        "Deneb_100%",
        "Mira",
        "algol",
        "Ω Cen",
      ]);
      assert.deepEqual(
        await query.distinct("kind", { filterBy: { visits: { lt: 3 } } }),
        ["G", null],
      );
      assert.deepEqual(
        await query.countBy("id", { filterBy: { id: BIG } }),
        new Map([[BIG, 1]]),
      );
    },
  ),
  behaviour(
    "wrong options of aggregate name the nearest correct name",
    async (db) => {
      const query = db.query(Star);
      const wrong: readonly (readonly [object, RegExp])[] = [
        [{}, /nothing to compute/],
        [{ groupBy: ["nmae"] }, /no field "nmae"; did you mean name\?/],
        [{ groupBy: "name" }, /groupBy must be an array of field names/],
        [{ groupBy: ["notes"] }, /notes is JSON/],
        [{ cuont: true }, /no option cuont; did you mean count\?/],
        [{ count: false }, /count must be true/],
        [{ sum: ["name"] }, /sum requires numbers, and name is string/],
        [{ avg: ["labels"] }, /avg requires numbers, and labels is array/],
        [{ min: ["labels"] }, /min cannot compare labels, which is array/],
        [{ max: ["notes"] }, /max cannot compare notes, which is json/],
        [{ count: true, having: { count: { gte: 1 } } }, /requires groupBy/],
        [{ groupBy: ["kind"], having: { sum: 1 } }, /having must be an object/],
        [
          { groupBy: ["kind"], having: { count: { gtte: 1 } } },
          /no operator "gtte"; did you mean gte\?/,
        ],
        [
          { groupBy: ["kind"], having: { count: { gte: "1" } } },
          /count gte of having must be a number/,
        ],
        [
          { groupBy: ["kind"], having: { count: { gte: NaN } } },
          /count gte of having must be a number/,
        ],
        [
          { groupBy: ["kind"], orderBy: { kid: "asc" } },
          /not "kid"; did you mean kind\?/,
        ],
        [
          { groupBy: ["kind"], orderBy: { count: "decs" } },
          /must be "asc" or "desc"; did you mean desc\?/,
        ],
        [{ groupBy: ["kind"], limit: -1 }, /limit must be a whole number/],
        [{ groupBy: ["kind"], limit: 1.5 }, /limit must be a whole number/],
        [{ groupBy: ["kind"], filterBy: { nmae: "a" } }, /did you mean name/],
        [
          { count: true, filterBy: { sightings: { some: { nigt: 1 } } } },
          /did you mean night/,
        ],
      ];
      for (const [options, message] of wrong) {
        const given = options as { count: true };
        await assert.rejects(
          async () => await query.aggregate(given),
          (error) => error instanceof QueryError && message.test(error.message),
          `${JSON.stringify(options)}`,
        );
      }
      await assert.rejects(
        async () => await query.distinct("nmae" as "name"),
        /did you mean name\?/,
      );
      await assert.rejects(
        async () => await query.countBy("notes"),
        /notes is JSON/,
      );
    },
  ),
];

function assertNear(
  value: number | bigint | null | undefined,
  expected: number,
): void {
  assert.ok(
    typeof value === "number" &&
      Math.abs(value - expected) <= 1e-12 * Math.abs(expected),
    `${value} is not ${expected}`,
  );
}
