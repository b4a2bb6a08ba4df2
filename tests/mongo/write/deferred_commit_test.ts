// Deferred commits, which replace transactions on a standalone server.
import {
  DuplicateKeyError,
  MongoConnection,
  StaleRowError,
  ValidationError,
} from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";
import { mongodb } from "@alerce/db-plugins/mongo";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import type { FindStatement } from "../../../src/query/statement/statement.ts";
import type { Executor } from "../../../src/query/statement/executor.ts";
import { test } from "../../support/mongo_case.ts";
import {
  standaloneSettings,
  standaloneTest,
} from "../../support/mongo_standalone.ts";

const { fields } = Star;
const all = { kind: "all" } as const;
const key = fields.filter(({ name }) => name === "id");

/** Sets one field of one row, as a commit does. */
function set(
  { run }: Executor,
  id: number,
  name: string,
  value: unknown,
): Promise<number> {
  return run({
    kind: "updateEach",
    key,
    operations: new Map(),
    model: Star,
    set: fields.filter((field) => field.name === name),
    changes: [{ key: [BigInt(id)], values: [value] }],
  });
}

function remove({ run }: Executor, id: number): Promise<number> {
  const where = { kind: "keys", fields: key, keys: [[BigInt(id)]] } as const;
  return run({ kind: "delete", model: Star, where });
}

const every: FindStatement = {
  kind: "find",
  model: Star,
  where: all,
  order: [],
  fields,
  limit: undefined,
  offset: 0,
};

async function mags({ run }: Executor): Promise<readonly unknown[]> {
  const rows = await run(every);
  return rows.map((row) => [Reflect.get(row, "id"), Reflect.get(row, "mag")])
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([, mag]) => mag);
}

test("on a standalone server, a read sees earlier changes, and changes are written in order", async () => {
  const settings = await standaloneSettings();
  const backend = await mongodb.open(settings, {
    source: "Settings",
    models: SUITE_MODELS,
  });
  try {
    await backend.createDb({ verify: false });
    const rows = [1, 2, 3].map((id) => ({ id: BigInt(id), name: `s${id}` }));
    const insert = {
      kind: "insert",
      model: Star,
      onConflict: "ignore",
    } as const;
    await backend.run({ ...insert, rows });
    await backend.transaction(async (executor) => {
      assert.equal(await set(executor, 1, "mag", 1), 1);
      assert.equal(await set(executor, 9, "mag", 1), 0);
      assert.deepEqual(await mags(executor), [1, null, null]);
      assert.equal(await remove(executor, 2), 1);
      assert.equal(
        await executor.run({
          kind: "count",
          model: Star,
          where: all,
          max: undefined,
        }),
        2,
      );
      assert.equal(await remove(executor, 3), 1);
      assert.deepEqual(await executor.run({ ...insert, rows }), {
        inserted: 2,
        ignored: 1,
      });
      assert.equal(await set(executor, 3, "mag", 3), 1);
      assert.equal(await set(executor, 3, "mag", 4), 1);
    });
    assert.deepEqual(await mags(backend), [1, null, 4]);
    await backend.transaction(async (executor) => {
      await set(executor, 1, "mag", 5);
      const batches = await Array.fromAsync(executor.stream(every, 2));
      assert.deepEqual(
        new Map(
          batches.flat().map((
            row,
          ) => [Reflect.get(row, "id"), Reflect.get(row, "mag")]),
        ),
        new Map([[1n, 5], [2n, null], [3n, 4]]),
      );
    });
    await set(backend, 1, "mag", 1);
    // Pending changes are written only at the end, and an error lists their keys.
    const failing = backend.transaction(async (executor) => {
      await set(executor, 1, "mag", 7);
      await set(executor, 2, "name", "s3");
      assert.deepEqual(await mags(backend), [1, null, 4]);
    });
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof DuplicateKeyError, Deno.inspect(error));
      assert.deepEqual(error.partly?.written, [{ id: 1n }]);
      assert.deepEqual(error.partly?.unwritten, [{ id: 2n }]);
      return true;
    });
  } finally {
    await backend.close();
  }
});

test("on a standalone server, the error for a missing row reports exactly what was written", async () => {
  const settings = await standaloneSettings();
  const backend = await mongodb.open(settings, {
    source: "Settings",
    models: SUITE_MODELS,
  });
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect(settings);
    await db.createDb();
    const query = db.query(Star);
    await query.bulkInsert(
      [1, 2, 3, 4].map((id) => ({ id: BigInt(id), name: `s${id}` })),
    );
    // The commit finds the missing row before it writes the update.
    const [one, two] = await query.findAll({ orderBy: { id: "asc" } });
    assert.ok(one && two);
    query.update(one, { mag: 1 });
    query.delete(two);
    await remove(backend, 2);
    await assert.rejects(db.session.commit(), (error) => {
      assert.ok(error instanceof StaleRowError, Deno.inspect(error));
      assert.equal(error.outcome, "not applied");
      assert.match(error.message, /Nothing was written; the session keeps/);
      return true;
    });
    assert.deepEqual(await mags(backend), [null, null, null]);
    db.session.rollback();
    // Another writer deletes a row after it was counted.
    const failing = backend.transaction(async (executor) => {
      await set(executor, 1, "mag", 2);
      await set(executor, 3, "mag", 2);
      await set(executor, 4, "mag", 2);
      await remove(backend, 3);
    });
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof StaleRowError, Deno.inspect(error));
      assert.deepEqual(error.partly, {
        written: [{ id: 1n }],
        unwritten: [{ id: 3n }, { id: 4n }],
        unknown: [],
      });
      assert.match(
        error.message,
        /no longer holds star id 3\. 1 row was written and stays \(id 1\); 2 rows were not written/,
      );
      return true;
    });
    assert.deepEqual(await mags(backend), [2, null]);
    // A change by a filter is written at once.
    await assert.rejects(
      query.bulkUpdate([
        [{ id: 1n }, { mag: 5 }],
        [{ id: 4n }, { name: "s1" }],
      ]),
      (error) => {
        assert.ok(error instanceof DuplicateKeyError, Deno.inspect(error));
        assert.equal(error.outcome, "unknown");
        assert.match(error.message, /1 row was written and stays\. Fix the/);
        return true;
      },
    );
    assert.deepEqual(await mags(backend), [5, null]);
  } finally {
    await backend.close();
  }
});

standaloneTest(
  "on a standalone server, nothing is written if one change does not fit in a document",
  [AstroObject, Star],
  async (db) => {
    const objects = db.query(AstroObject);
    const stars = db.query(Star);
    await objects.bulkInsert([{ oid: "a", meanra: 1, meandec: 1 }]);
    await stars.bulkInsert([{ id: 1n, name: "a" }]);
    const [object, star] = [await objects.first(), await stars.first()];
    assert.ok(object && star);
    stars.update(star, { mag: 1 });
    objects.update(object, { meanra: 361 });
    await assert.rejects(db.session.commit(), (error) => {
      assert.ok(error instanceof ValidationError, Deno.inspect(error));
      assert.equal(error.rows[0]?.field, "meanra");
      assert.equal(error.partly, undefined);
      return true;
    });
    assert.equal(await stars.count({ filterBy: { mag: null } }), 1);
    await assert.rejects(
      objects.bulkUpdate([{ oid: "a", ndet: 1 }, { oid: "b", meandec: 91 }]),
      ValidationError,
    );
    assert.equal(await objects.count({ filterBy: { ndet: 1 } }), 0);
  },
);
