// The reason of an aborted write says whether the write was applied.
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { memoryEngine } from "../memory/engine.ts";
import {
  mongoEngine,
  pgliteEngine,
  postgresEngine,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const VEGA = { id: 1n, name: "Vega" };

for (const engine of [postgresEngine, pgliteEngine, mongoEngine]) {
  Deno.test({
    name:
      `${engine.name}: the reason of an aborted write has an outcome, that of a read has none`,
    ignore: engine === mongoEngine && withoutMongo,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using db = await engine.open(SUITE_MODELS);
      await db.createDb();
      const aborted = async (
        run: (signal: AbortSignal) => Promise<unknown>,
        after?: number,
      ): Promise<unknown> => {
        const reason = new Error("aborted");
        const controller = new AbortController();
        if (after === undefined) controller.abort(reason);
        else setTimeout(() => controller.abort(reason), after);
        await assert.rejects(
          run(controller.signal),
          (error) => error === reason,
        );
        return Reflect.get(reason, "outcome");
      };
      const stars = db.query(Star);
      const late = async function* () {
        yield VEGA;
        await new Promise((resolve) => setTimeout(resolve, 300));
        yield { id: 2n, name: "Deneb" };
      };
      const outcomes = [
        await aborted((signal) => stars.insert(VEGA, { signal })),
        await aborted((signal) =>
          db.transaction((tx) => tx.query(Star).insert(VEGA), { signal })
        ),
        await aborted((signal) => stars.bulkInsert(late(), { signal }), 20),
        await aborted((signal) => stars.count({ signal })),
      ];
      assert.deepEqual(outcomes, [
        ...["not applied", "not applied", "not applied"],
        undefined,
      ]);
      assert.equal(await stars.count(), 0);
      await db.dropDb();
    },
  });
}

Deno.test("the reason that several writes share says unknown if their outcomes differ", async () => {
  const db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  const stars = db.query(Star);
  const reason = new Error("aborted");
  const controller = new AbortController();
  const { signal } = controller;
  const outcomeOf = async (write: Promise<unknown>): Promise<unknown> => {
    await assert.rejects(write, (error) => error === reason);
    return Reflect.get(reason, "outcome");
  };
  // This engine cannot end a statement, so nobody knows whether it is applied.
  const running = stars.insert(VEGA, { signal });
  controller.abort(reason);
  assert.equal(await outcomeOf(running), "unknown");
  assert.equal(await outcomeOf(stars.insert(VEGA, { signal })), "unknown");
  await db.close();
});
