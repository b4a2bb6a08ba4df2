// A writer that was disposed leaves no timer behind: Deno's own checks would report it.
import { ConnectionError, createWriter } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { memoryEngine } from "../memory/engine.ts";

Deno.test("a writer leaves no timer behind, also if its last flush fails", async () => {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  {
    await using writer = createWriter(db, { maxMilliseconds: 60_000 });
    writer.insert(Star, [{ id: 1n, name: "a" }]);
  }
  const failing = createWriter(db, { maxMilliseconds: 60_000 });
  failing.insert(Star, [{ id: 2n, name: "b", mag: NaN }]);
  await assert.rejects(async () => await failing[Symbol.asyncDispose]());
  assert.equal(await db.query(Star).count(), 1);
});

Deno.test("a writer whose connection the program closed repeats nothing", async () => {
  const db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  const writer = createWriter(db, { maxMilliseconds: 60_000, retries: 3 });
  writer.insert(Star, [{ id: 1n, name: "a" }]);
  await db.close();
  await assert.rejects(writer.flush(), ConnectionError);
  assert.equal(writer.stats.retries, 0);
  await writer[Symbol.asyncDispose]();
});
