// What stands for a transaction on a server that runs alone.
import { DuplicateKeyError } from "@alerce/db-plugins";
import { mongodb } from "@alerce/db-plugins/mongo";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import type { Executor } from "../src/query/executor.ts";
import { test } from "./mongo_case.ts";
import { startMongo } from "./mongo_server.ts";

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
    model: Star,
    set: fields.filter((field) => field.name === name),
    changes: [{ key: [BigInt(id)], values: [value] }],
  });
}

function remove({ run }: Executor, id: number): Promise<number> {
  const where = { kind: "keys", fields: key, keys: [[BigInt(id)]] } as const;
  return run({ kind: "delete", model: Star, where });
}

async function mags({ run }: Executor): Promise<readonly unknown[]> {
  const rows = await run({
    kind: "find",
    model: Star,
    where: all,
    order: [],
    fields,
    limit: undefined,
    offset: 0,
  });
  return rows.map((row) => [Reflect.get(row, "id"), Reflect.get(row, "mag")])
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([, mag]) => mag);
}

test("on a server that runs alone a read sees the changes that came before it, and they are written in their order", async () => {
  const server = await startMongo({ standalone: true });
  const backend = await mongodb.open({ URL: server.url, DATABASE: "d" }, {
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
    // What waits is written at the end alone, and told by its keys where it fails.
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
    await server.stop();
  }
});
