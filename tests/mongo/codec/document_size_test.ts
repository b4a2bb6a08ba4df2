// Documents and filters that are, or only seem, too large for MongoDB.
import {
  DatabaseError,
  type DbPluginsError,
  defineModel,
  QueryError,
  ValidationError,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { opened, test } from "../../support/mongo_case.ts";

for (const size of [17 << 20, (16 << 20) + 1_000, (16 << 20) - 40]) {
  test(`a document of more than ${size} bytes is a typed error, and other rows are written`, async () => {
    await using db = await opened();
    const stars = db.query(Star);
    const huge = "x".repeat(size);
    const rows = [
      { id: 1n, name: "a" },
      { id: 2n, name: "b", notes: huge },
      { id: 3n, name: "c" },
    ];
    await stars.bulkInsert([{ id: 9n, name: "existing" }]);
    for (
      const write of [
        () => stars.bulkInsert(rows),
        () => stars.bulkUpsert(rows),
        () => db.transaction((tx) => tx.query(Star).bulkInsert(rows)),
      ]
    ) {
      await assert.rejects(write, (error) => {
        assert.ok(error instanceof ValidationError);
        assert.deepEqual(
          error.rows.map(({ index, field, value }) => [
            index,
            field,
            value === huge,
          ]),
          [[1, "notes", true]],
        );
        assert.match(
          error.message,
          /^Cannot write star row 1: notes makes the document 1\d{7} bytes long/,
        );
        return true;
      });
    }
    assert.equal(await stars.count(), 1);
    for (
      const write of [
        () =>
          stars.getOrCreate({ filterBy: { id: 2n }, name: "b", notes: huge }),
        () => stars.updateAll({ filterBy: { id: 9n }, set: { notes: huge } }),
      ]
    ) {
      // These calls do not build the whole document before sending.
      if (size < 16 << 20) continue;
      await assert.rejects(
        async () => void await write(),
        (error) => {
          assert.ok(error instanceof DatabaseError);
          assert.match(error.message, /^Cannot write star: .* limit of 16 MB/);
          return true;
        },
      );
    }
    if (size > 16 << 20) {
      await assert.rejects(
        stars.bulkUpdate([{ id: 9n, mag: 1 }, { id: 2n, notes: huge }]),
        /^ValidationError: Cannot write star row \d: notes makes the document/,
      );
    }
    assert.equal(
      await stars.count({ filterBy: { id: 9n, notes: null, mag: null } }),
      1,
    );
    assert.equal(await stars.count({ filterBy: { id: 2n } }), 0);
    await stars.bulkInsert(rows.filter(({ id }) => id !== 2n));
    assert.equal(await stars.count(), 3);
  });
}

test("the size of text counts in bytes in any field, and a document just below the limit is written", async () => {
  await using db = await opened();
  const stars = db.query(Star);
  const half = "é".repeat(4 << 20);
  for (
    const row of [
      { id: 1n, name: "a", status: half, notes: { deep: [half] } },
      { id: 1n, name: "a", labels: [half, half] },
      { id: 1n, name: "a", notes: { [half]: half } },
    ]
  ) {
    await assert.rejects(stars.bulkInsert([row]), ValidationError);
    await assert.rejects(stars.bulkUpsert([row]), ValidationError);
  }
  const notes = "x".repeat((16 << 20) - 300);
  assert.deepEqual(
    await stars.bulkInsert([{ id: 2n, name: "b", notes }]),
    { inserted: 1, ignored: 0 },
  );
  const [row] = await stars.findAll();
  assert.ok(row?.notes === notes);
});

test("the error about JSON nested too deep for MongoDB names the row, and other rows are written", async () => {
  await using db = await opened();
  const stars = db.query(Star);
  const deep = (levels: number): unknown =>
    levels === 0
      ? 1
      : levels % 2 === 0
      ? [deep(levels - 1)]
      : { a: deep(levels - 1) };
  const row = (id: number, levels: number) => ({
    id: BigInt(id),
    name: `star ${id}`,
    notes: deep(levels),
  });
  await stars.bulkInsert([row(1, 179)]);
  for (const levels of [180, 185, 250]) {
    for (
      const write of [
        () => stars.bulkInsert([row(2, 179), row(3, levels)]),
        () => stars.bulkUpsert([row(2, 179), row(1, levels)]),
        () => stars.bulkUpdate([{ id: 1n, mag: 1 }, row(1, levels)]),
        () =>
          db.transaction((tx) =>
            tx.query(Star).bulkInsert([row(2, 179), row(3, levels)])
          ),
      ]
    ) {
      await assert.rejects(async () => void await write(), (error) => {
        assert.ok(error instanceof ValidationError, Deno.inspect(error));
        assert.match(
          error.message,
          /^Cannot write star row \d: notes is nested deeper than 179 levels/,
        );
        return true;
      });
    }
  }
  await stars.bulkUpsert([{ ...row(1, 179), mag: 2 }]);
  assert.deepEqual(await stars.findAll(), [{
    ...await stars.findOne({ filterBy: { id: 1n } }),
    mag: 2,
    notes: deep(179),
  }]);
});

test("a filter of a hundred thousand keys finds the existing rows", async () => {
  await using db = await opened();
  const nights = Array.from({ length: 500 }, (_, night) => ({
    star: BigInt(night * 200) + 2n ** 60n,
    night,
    mag: null,
    quality: 1,
  }));
  await db.query(Sighting).bulkInsert(nights);
  const ids = Array.from(
    { length: 100_000 },
    (_, id) => BigInt(id) + 2n ** 60n,
  );
  const filterBy = { star: ids };
  assert.equal(await db.query(Sighting).count({ filterBy }), 500);
  assert.equal((await db.query(Sighting).findAll({ filterBy })).length, 500);
  assert.equal(
    await db.query(Sighting).count({ filterBy: { star: { notIn: ids } } }),
    0,
  );
  const set = { mag: 1 };
  assert.equal(await db.query(Sighting).updateAll({ filterBy, set }), 500);
  assert.equal(await db.query(Sighting).deleteAll({ filterBy }), 500);
});

test("the error about a limit of MongoDB says whether the filter or a row exceeds it", async () => {
  const Named = defineModel("named", {
    fields: z.object({ name: z.string(), n: z.int32().nullable() }),
    primaryKey: ["name"],
    mongo: { id: "name" },
  });
  await using db = await opened([...SUITE_MODELS, Named]);
  const stars = db.query(Star);
  const named = db.query(Named);
  await stars.bulkInsert([{ id: 1n, name: "a" }]);
  await named.bulkInsert([{ name: "a", n: 1 }]);
  const name = Array.from(
    { length: 200 },
    (_, index) => `${index} ${"x".repeat(100_000)}`,
  );
  const deep = (levels: number): unknown =>
    levels === 0 ? 1 : [deep(levels - 1)];
  const large = { filterBy: { name: { notIn: name } } };
  const nested = { filterBy: { notes: { eq: deep(60) } } };
  const filter = /Cannot filter star: the filter .* 16 MB/;
  const attempts: [() => unknown, typeof DbPluginsError, RegExp][] = [
    ...[
      () => stars.count(large),
      () => stars.findAll(large),
      () => stars.findAll({ ...large, orderBy: { mag: "desc" } }),
      () => stars.checkExists(large),
      () => Array.fromAsync(stars.stream(large)),
      () => stars.deleteAll(large),
      () => stars.updateAll({ ...large, set: { mag: 1 } }),
    ].map((attempt): [() => unknown, typeof QueryError, RegExp] => [
      attempt,
      QueryError,
      filter,
    ]),
    [
      () =>
        stars.updateAll({ filterBy: {}, set: { notes: "x".repeat(17 << 20) } }),
      DatabaseError,
      /Cannot write star: a document .* 16 MB/,
    ],
    [() => stars.count(nested), QueryError, /Cannot filter star: .* nested/],
    [
      () => stars.updateAll({ ...nested, set: { mag: 1 } }),
      QueryError,
      /Cannot filter star: .* nested/,
    ],
    ...[
      () => stars.updateAll({ filterBy: {}, set: { notes: deep(250) } }),
      () => stars.updateAll({ filterBy: {}, set: { notes: deep(185) } }),
    ].map((attempt): [() => unknown, typeof DatabaseError, RegExp] => [
      attempt,
      DatabaseError,
      /Cannot write star: .* nested deeper than 179 levels/,
    ]),
    [
      () => stars.count({ filterBy: { name: { like: "x".repeat(40_000) } } }),
      QueryError,
      /Cannot filter star: the pattern of `like` is longer/,
    ],
    [
      () => named.updateAll({ filterBy: {}, set: { name: "b" } }),
      QueryError,
      /Cannot update named: name is stored in _id/,
    ],
  ];
  for (const [attempt, kind, message] of attempts) {
    await assert.rejects(async () => void await attempt(), (error) => {
      assert.ok(error instanceof kind, Deno.inspect(error).slice(0, 2_000));
      assert.match(error.message.slice(0, 300), message);
      return true;
    });
  }
  const rows = await stars.findAll();
  assert.deepEqual(rows.map(({ id, notes }) => [id, notes]), [[1n, null]]);
});
