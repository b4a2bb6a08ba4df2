// Bulk writes of several batches.
import { DuplicateKeyError } from "@alerce/db-plugins";
import { Star, type StarInsert } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { opened, test } from "../../support/mongo_case.ts";

const star = (id: number, mag = 0, name = `star ${id}`) => ({
  id: BigInt(id),
  name,
  mag,
});
const stars = (from: number, to: number, mag = 0) =>
  Array.from({ length: to - from }, (_, index) => star(from + index, mag));

test("an upsert whose first rows are all new finds later rows that exist, and the last of two rows counts", async () => {
  await using db = await opened();
  const query = db.query(Star);
  const existing = stars(8_000, 12_000).map((row) => ({ ...row, visits: 7 }));
  await query.bulkInsert(existing);
  const rows = [
    ...stars(0, 14_000, 1),
    ...stars(0, 100, 2),
    ...stars(14_000, 14_100, 2),
    ...stars(14_000, 14_100, 3),
  ];
  assert.deepEqual(await query.bulkUpsert(rows), {
    inserted: 10_100,
    updated: 4_100,
    unchanged: 100,
  });
  const count = (filterBy: object) => query.count({ filterBy });
  assert.equal(await count({ mag: 1 }), 13_900);
  assert.equal(await count({ mag: 2, id: { lt: 100n } }), 100);
  assert.equal(await count({ mag: 3, id: { gte: 14_000n } }), 100);
  assert.equal(await count({ visits: 7, mag: 1 }), 4_000);
  const [untouched] = await query.findAll({ filterBy: { id: 13_999n } });
  assert.deepEqual([untouched?.status, untouched?.visits], ["new", null]);
});

test("an upsert that assumes new rows reports a duplicate of another unique key", async () => {
  await using db = await opened();
  const query = db.query(Star);
  await query.bulkInsert([star(-1, 0, "star 8000")]);
  await assert.rejects(query.bulkUpsert(stars(0, 9_000)), (error) => {
    assert.ok(error instanceof DuplicateKeyError);
    assert.deepEqual(error.fields, ["name"]);
    return true;
  });
});

test("the value that was checked is written, even if a getter of a generated row returns another one later", async () => {
  await using db = await opened();
  const query = db.query(Star);
  const empty = Object.fromEntries(
    [...Star.byName.keys()].map((name) => [name, null]),
  );
  for (
    const write of [
      (row: StarInsert) => query.bulkInsert(new Set([row])),
      (row: StarInsert) => query.bulkUpsert(new Set([row])),
    ]
  ) {
    let reads = 0;
    const row = Object.defineProperty(
      { ...empty, ...star(1), status: "new" },
      "mag",
      { enumerable: true, get: () => reads++ === 0 ? 1 : "text" },
    );
    await write(row);
    assert.deepEqual((await query.findAll()).map(({ mag }) => mag), [1]);
    await query.deleteAll({ all: true, filterBy: {} });
  }
});
