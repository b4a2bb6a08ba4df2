// MongoDB operators, paths and variables passed as values, names or columns.
import {
  type AnyModel,
  defineModel,
  ModelError,
  QueryError,
  ValidationError,
} from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { opened, test, untyped } from "../../support/mongo_case.ts";

test("a MongoDB operator is refused as a value, a field and an order", async () => {
  await using db = await opened();
  const stars = db.query(Star);
  await stars.bulkInsert([{ id: 1n, name: "a", notes: { $gt: "" } }]);
  const filters = [
    { name: { $gt: "" } },
    { name: { $ne: null } },
    { name: { eq: { $gt: "" } } },
    { name: { in: [{ $gt: "" }] } },
    { name: { not: { $gt: "" } } },
    { name: { like: { $regex: "." } } },
    { id: { $gt: 0 } },
    { $where: "1" },
    { $or: [{}] },
    { $expr: { $eq: [1, 1] } },
    { or: [{ $nor: [] }] },
    { "name.x": "a" },
    { __proto__x: 1 },
    JSON.parse('{"__proto__": {"name": "a"}}'),
    JSON.parse('{"constructor": 1}'),
  ];
  for (const filterBy of filters) {
    for (
      const ask of [
        () => stars.findAll({ filterBy: untyped(filterBy) }),
        () => stars.deleteAll({ filterBy: untyped(filterBy) }),
        () => stars.updateAll({ filterBy: untyped(filterBy), set: { mag: 1 } }),
      ]
    ) {
      await assert.rejects(
        async () => void await ask(),
        (error) => {
          assert.ok(error instanceof QueryError, Deno.inspect(filterBy));
          return true;
        },
      );
    }
  }
  const bad: (() => Promise<unknown>)[] = [
    () => stars.findAll({ orderBy: untyped({ $natural: -1 }) }),
    () => stars.findAll({ select: untyped(["$name"]) }),
    () => stars.updateAll({ filterBy: {}, set: untyped({ $set: { a: 1 } }) }),
    () =>
      stars.updateAll({
        filterBy: {},
        set: untyped({ name: { $concat: ["a"] } }),
      }),
    () => stars.bulkInsert([untyped({ id: 2n, name: { $gt: "" } })]),
    () => stars.bulkInsert([untyped({ id: 2n, name: "b", $set: 1 })]),
    () => stars.bulkUpsert([untyped({ id: 1n, "notes.$gt": 1 })]),
    () =>
      stars.getOrCreate(
        untyped({ filterBy: { id: { $gt: 0 } }, name: "b" }),
      ),
  ];
  for (const ask of bad) {
    await assert.rejects(
      async () => void await ask(),
      (error) =>
        error instanceof QueryError || error instanceof ValidationError,
      String(ask),
    );
  }
  // In JSON they are ordinary keys.
  const notes = { $gt: "" };
  assert.equal(await stars.count({ filterBy: { notes: { eq: notes } } }), 1);
  await stars.updateAll({
    filterBy: {},
    set: { notes: { $inc: { mag: 1 }, "a.b": "$name" } },
  });
  const [left, ...others] = await stars.findAll();
  assert.deepEqual(others, []);
  assert.deepEqual([left?.name, left?.mag, left?.notes], ["a", null, {
    $inc: { mag: 1 },
    "a.b": "$name",
  }]);
  assert.equal(Object.hasOwn(Object.prototype, "name"), false);
});

test("text that looks like a path or a variable stays text", async () => {
  await using db = await opened();
  const stars = db.query(Star);
  const names = ["$name", "$$ROOT", "a.b", "__proto__", "constructor", "$"];
  await stars.bulkInsert(names.map((name, id) => ({ id: BigInt(id), name })));
  await stars.bulkUpsert(names.map((name, id) => ({
    id: BigInt(id),
    status: name,
    labels: [name],
    notes: JSON.parse(`{"__proto__": {"a": 1}, "$${id}": 1}`),
  })));
  for (const [id, name] of names.entries()) {
    const found = await stars.findAll({
      filterBy: { name, status: { in: [name] }, labels: { contains: name } },
    });
    assert.deepEqual(found.map((row) => row.id), [BigInt(id)]);
    const [notes] = found.map((row) => row.notes);
    assert.deepEqual(Object.keys(notes ?? {}), ["__proto__", `$${id}`]);
    assert.equal(Reflect.get(notes ?? {}, "a"), undefined);
  }
  const set = { name: "$status", status: "$$NOW" };
  await stars.updateAll({ filterBy: { id: 0n }, set });
  const row = await stars.findOne({ filterBy: { id: 0n } });
  assert.deepEqual([row?.name, row?.status], ["$status", "$$NOW"]);
});

test("a model with column names that MongoDB cannot store is refused, and works with other names", async () => {
  for (const column of ["$set", "a.b", "$", ".", "a\0b"]) {
    const field = z.int32().nullable();
    const odd = (meta: { column?: string }) =>
      defineModel("odd", {
        fields: z.object({ id: z.int32(), [column]: field.meta(meta) }),
        primaryKey: ["id"],
      });
    await assert.rejects(
      opened([odd({})]),
      (error) =>
        error instanceof ModelError && error.message.includes("meta({ column"),
    );
    const model: AnyModel = odd({ column: "other" });
    await using db = await opened([model]);
    const row = { id: 1, [column]: 2 };
    await db.query(model).bulkInsert([row]);
    await db.query(model).updateAll({
      filterBy: { [column]: 2 },
      set: { [column]: 3 },
    });
    const rows = await db.query(model).findAll({ filterBy: { [column]: 3 } });
    assert.deepEqual(rows.map((one) => ({ ...one })), [{
      ...row,
      [column]: 3,
    }]);
  }
});
