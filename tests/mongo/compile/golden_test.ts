// Golden commands for statements. A value never becomes an operator of MongoDB.
import type { Filter, OrderBy } from "@alerce/db-plugins";
import { Sighting, Star, type StarRow } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { compileFilter } from "../../../src/mongo/compile/filter.ts";
import { findEachPipeline } from "../../../src/mongo/compile/find_each.ts";
import { findCommand } from "../../../src/mongo/compile/find_command.ts";
import { keysFilter } from "../../../src/mongo/compile/keys.ts";
import { likePattern } from "../../../src/mongo/compile/like.ts";
import { compileOrder } from "../../../src/query/read/order.ts";
import { compileFilter as compileCondition } from "../../../src/query/filter/compile_filter.ts";

const NOTHING = { _id: { $in: [] } };

const WHERE: readonly (readonly [Filter<StarRow>, object])[] = [
  [{}, {}],
  [{ id: 3n }, { id: { $eq: 3n } }],
  [{ id: 3n, visits: { gte: 1, lt: 3 } }, {
    $and: [
      { id: { $eq: 3n } },
      { $and: [{ visits: { $gte: 1 } }, { visits: { $lt: 3 } }] },
    ],
  }],
  [{ mag: null }, { mag: { $eq: null } }],
  [{ mag: { ne: null } }, { mag: { $ne: null } }],
  [{ mag: { ne: 1 } }, { mag: { $ne: 1 } }],
  [{ name: ["a", "b"] }, { name: { $in: ["a", "b"] } }],
  [{ name: { notIn: ["a"] } }, { $nor: [{ name: { $in: ["a"] } }] }],
  [{ name: [] }, NOTHING],
  [{ or: [] }, NOTHING],
  [{ and: [] }, {}],
  [{ not: {} }, { $nor: [{}] }],
  [{ name: { like: "A.%" } }, { name: { $regex: "^A\\.", $options: "s" } }],
  [{ labels: { contains: ["x", "y"] } }, { labels: { $all: ["x", "y"] } }],
  [{ labels: { contains: [] } }, { labels: { $type: "array" } }],
  [{ labels: ["a"] }, { labels: { $eq: ["a"] } }],
  [{ labels: { in: [["a", "b"], []] } }, {
    labels: { $in: [["a", "b"], []] },
  }],
  [{ notes: "$name" }, {
    $expr: { $eq: ["$notes", { $literal: "$name" }] },
  }],
  [{ notes: { eq: { $gt: "" } } }, {
    $expr: {
      $cond: [
        { $eq: [{ $type: "$notes" }, { $literal: "object" }] },
        {
          $and: [
            {
              $eq: [{ $size: { $objectToArray: "$notes" } }, { $literal: 1 }],
            },
            {
              $eq: [
                { $getField: { field: { $literal: "$gt" }, input: "$notes" } },
                { $literal: "" },
              ],
            },
          ],
        },
        false,
      ],
    },
  }],
  [{ notes: null }, { $expr: { $lte: ["$notes", null] } }],
  [{ seen: { gt: new Date(0) } }, { seen: { $gt: new Date(0) } }],
  [{ flux: 0.1 }, { flux: { $eq: Math.fround(0.1) } }],
  [{ or: [{ mag: null }, { not: { mag: { gt: 1 } } }] }, {
    $or: [{ mag: { $eq: null } }, { $nor: [{ mag: { $gt: 1 } }] }],
  }],
];

Deno.test("compiled filters have values only after operators", () => {
  for (const [filter, golden] of WHERE) {
    assert.deepEqual(
      compileFilter(Star, compileCondition(Star, filter)),
      golden,
    );
  }
});

Deno.test("a like pattern becomes a regular expression with its special characters escaped", () => {
  for (
    const [like, golden] of [
      ["", "^\\z"],
      ["%", ""],
      ["a%", "^a"],
      ["%a", "a\\z"],
      ["%a%", "a"],
      ["a_c", "^a.c\\z"],
      ["a%c", "^a.*c\\z"],
      ["(.*)", "^\\(\\.\\*\\)\\z"],
      ["100\\%", "^100%\\z"],
      ["\\\\%", "^\\\\"],
      ["$^", "^\\$\\^\\z"],
    ] as const
  ) assert.equal(likePattern(like), golden, like);
});

const find = (orderBy: OrderBy<StarRow>, more: object = {}) =>
  findCommand({
    kind: "find",
    model: Star,
    order: compileOrder(Star, orderBy),
    fields: Star.fields,
    limit: undefined,
    offset: 0,
    ...more,
  }, {});

Deno.test("an order that MongoDB supports becomes a sort by columns, which can use an index", () => {
  const plain = {
    kind: "find",
    filter: {},
    projection: undefined,
    skip: undefined,
    limit: undefined,
  };
  assert.deepEqual(find({ name: "desc" }), {
    ...plain,
    sort: { name: -1, id: 1 },
  });
  assert.deepEqual(find({ mag: "desc" }), {
    ...plain,
    sort: { mag: -1, id: 1 },
  });
  assert.deepEqual(find({ mag: { direction: "asc", nulls: "first" } }), {
    ...plain,
    sort: { mag: 1, id: 1 },
  });
  const [id, name] = Star.fields;
  assert.deepEqual(
    find({}, { fields: [name, id], limit: 5, offset: 2 }),
    {
      ...plain,
      sort: { id: 1 },
      projection: { name: 1, id: 1, _id: 0 },
      skip: 2,
      limit: 5,
    },
  );
});

Deno.test("another position of null than MongoDB's requires a computed key", () => {
  assert.deepEqual(find({ mag: "asc" }, { limit: 3 }), {
    kind: "aggregate",
    pipeline: [
      {
        $addFields: {
          _rank0: {
            $switch: {
              branches: [{ case: { $lte: ["$mag", null] }, then: 2 }],
              default: 0,
            },
          },
        },
      },
      { $sort: { _rank0: 1, mag: 1, id: 1 } },
      { $limit: 3 },
      { $project: { _rank0: 0, _id: 0 } },
    ],
  });
});

Deno.test("keys of several fields are grouped by the field with the fewest values", () => {
  const fields = Sighting.primaryKey.flatMap((name) =>
    Sighting.byName.get(name) ?? []
  );
  assert.deepEqual(keysFilter(fields, [[1n, 1], [2n, 1], [3n, 1]]), {
    night: { $eq: 1 },
    star: { $in: [1n, 2n, 3n] },
  });
  assert.deepEqual(keysFilter(fields, [[1n, 1], [2n, 1], [3n, 2]]), {
    $or: [
      { night: { $eq: 1 }, star: { $in: [1n, 2n] } },
      { night: { $eq: 2 }, star: { $eq: 3n } },
    ],
  });
  assert.deepEqual(keysFilter(fields, []), NOTHING);
});

Deno.test("the first rows of each key are looked up if the key is indexed, else grouped", () => {
  const [star, night, , quality] = Sighting.fields;
  assert.ok(star && night && quality);
  const statement = {
    kind: "findEach",
    model: Sighting,
    keys: [[1n], [2n]],
    where: compileCondition(Sighting, { quality: { gt: 0.5 } }),
    order: compileOrder(Sighting, { quality: "desc" }),
    fields: [quality],
    limit: 5,
  } as const;
  const $match = { quality: { $gt: 0.5 } };
  const sort = { quality: -1, star: 1, night: 1 };
  const rest = [
    { $match },
    { $sort: sort },
    { $limit: 5 },
    { $project: { quality: 1, _id: 0 } },
  ];
  const lookup = (key: unknown, parts: object) => [
    { $limit: 1 },
    { $project: { _id: 0, key: { $literal: key } } },
    { $unwind: "$key" },
    { $lookup: { from: "sighting", ...parts, as: "rows" } },
    { $project: { rows: 1 } },
  ];
  assert.deepEqual(
    findEachPipeline({ ...statement, key: [star] }),
    lookup([1n, 2n], {
      localField: "key",
      foreignField: "star",
      pipeline: rest,
    }),
  );
  assert.deepEqual(
    findEachPipeline({ ...statement, key: [star, night], keys: [[1n, 2]] }),
    lookup([{ k0: 1n, k1: 2 }], {
      let: { k0: "$key.k0", k1: "$key.k1" },
      pipeline: [
        {
          $match: {
            $expr: {
              $and: [{ $eq: ["$star", "$$k0"] }, { $eq: ["$night", "$$k1"] }],
            },
          },
        },
        ...rest,
      ],
    }),
  );
  assert.deepEqual(
    findEachPipeline({ ...statement, key: [night], keys: [[1], [2]] }),
    [
      { $match: { $and: [{ night: { $in: [1, 2] } }, $match] } },
      {
        $group: {
          _id: { k0: "$night" },
          rows: {
            $topN: { n: 5, sortBy: sort, output: { quality: "$quality" } },
          },
        },
      },
      { $project: { _id: 0, rows: 1 } },
    ],
  );
});
