// Processes that upsert overlapping batches at once, with the rules least and greatest, into tables with and without a key.
import { connect } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { program, ROOT } from "../support/program.ts";
import { ROUNDS } from "../support/rounds.ts";
import { batchesOf, Keyed, Keyless, mergedRows } from "./merging_rows.ts";
import { MERGING_ENGINES } from "./merging_engines.ts";

/** A barrier lets them begin together, so that two conflict; four do at night. */
const PROCESSES = ROUNDS > 1 ? [0, 1, 2, 3] : [0, 1];

/** Starts a server that answers the processes when all of them have asked. */
function startBarrier(): { readonly url: string } & AsyncDisposable {
  const { promise, resolve } = Promise.withResolvers<void>();
  let ready = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async () => {
      if (++ready === PROCESSES.length) resolve();
      await promise;
      return new Response();
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      resolve();
      await server.shutdown();
    },
  };
}

for (const { name, settings, ignore } of MERGING_ENGINES) {
  for (const model of [Keyed, Keyless]) {
    Deno.test({
      name:
        `${name}: processes that merge overlapping batches at once into a ${model.name} table leave one row for each key, with the least and the greatest values`,
      ignore,
      async fn() {
        const given = settings();
        await using db = await connect(given, { models: [Keyed, Keyless] });
        await db.createDb();
        await using barrier = startBarrier();
        const ended = await Promise.all(
          PROCESSES.map((process) =>
            program([
              "--no-check",
              `${ROOT}tests/query/merging_child.ts`,
              `${process}`,
              barrier.url,
              model.name,
            ], { env: { DBP_TEST_SETTINGS: JSON.stringify(given) } })
          ),
        );
        for (const { code, err } of ended) assert.equal(code, 0, err);
        const rows = await db.query(model).findAll({ orderBy: { id: "asc" } });
        assert.deepEqual(
          rows.map((row) => ({ ...row })),
          mergedRows(PROCESSES.flatMap(batchesOf)),
        );
        await db.dropDb();
      },
    });
  }
}
