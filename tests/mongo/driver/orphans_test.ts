// The transaction of a killed client stays open on the server and blocks writers, until the server ends it.
import { connect, MongoConnection } from "@alerce/db-plugins";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import { ingestAlerts, readAlerts } from "@alerce/db-plugins/ztf";
import assert from "node:assert/strict";
import { Long, MongoClient } from "mongodb";
import { SMALL } from "../../support/alerts.ts";
import { test } from "../../support/mongo_case.ts";
import { type MongoServer, startMongo } from "../../support/mongo_server.ts";
import { ROOT } from "../../support/program.ts";
import { hashes } from "../../support/tables.ts";

/** A server that ends transactions after some seconds. */
async function withServer(
  seconds: number,
  work: (server: MongoServer) => Promise<void>,
): Promise<void> {
  const server = await startMongo({
    args: ["--setParameter", `transactionLifetimeLimitSeconds=${seconds}`],
  });
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

test("every write succeeds after the server has ended the transaction that a killed client left", () =>
  withServer(2, async ({ url }) => {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({ URL: url, DATABASE: "d" });
    await db.createDb();
    const stars = db.query(Star);
    await stars.bulkInsert(
      Array.from({ length: 20 }, (_, id) => ({
        id: BigInt(id),
        name: `s${id}`,
        visits: 0,
      })),
    );
    const marked = await stars.findOne({ filterBy: { id: 3n } });
    assert.ok(marked);
    const killed = new MongoClient(url);
    const session = killed.startSession();
    session.startTransaction();
    const held = killed.db("d").collection("star");
    await held.updateMany({}, { $set: { visits: 1 } }, { session });
    await held.insertMany(
      [30, 31, 32, 33].map((id) => ({
        id: Long.fromNumber(id),
        name: `other ${id}`,
      })),
      { session, bypassDocumentValidation: true },
    );
    const writes: Record<string, () => Promise<unknown>> = {
      updateAll: () =>
        stars.updateAll({ filterBy: { id: 1n }, set: { visits: 2 } }),
      "updateAll of a unique key": () =>
        stars.updateAll({
          filterBy: { id: [14n, 15n], name: "s14" },
          set: { name: "new name" },
        }),
      deleteAll: () => stars.deleteAll({ filterBy: { id: 2n } }),
      async commit() {
        stars.update(marked, { visits: 2 });
        await db.session.commit();
      },
      bulkUpdate: () => stars.bulkUpdate([{ id: 4n, visits: 2 }]),
      bulkUpsert: () => stars.bulkUpsert([{ id: 5n, visits: 2 }]),
      bulkInsert: () => stars.bulkInsert([{ id: 30n, name: "own 30" }]),
      "bulkInsert in a transaction": () =>
        stars.bulkInsert([{ id: 31n, name: "own 31" }], {
          onConflict: "error",
        }),
      insert: () => stars.insert({ id: 32n, name: "own 32" }),
      getOrCreate: () =>
        stars.getOrCreate({ filterBy: { id: 33n }, name: "own 33" }),
      createDb: () => db.createDb(),
    };
    const failed: string[] = [];
    await Promise.all(
      Object.entries(writes).map(([name, write]) =>
        write().catch((error) => failed.push(`${name}: ${error}`))
      ),
    );
    assert.deepEqual(failed, []);
    assert.equal(await stars.count({ filterBy: { visits: 1 } }), 0);
    assert.equal(await stars.count({ filterBy: { visits: 2 } }), 4);
    assert.equal(
      await stars.count({ filterBy: { name: { like: "own%" } } }),
      4,
    );
    await killed.close(true);
  }));

test("a transaction of the program itself fails after its retries", () =>
  withServer(60, async ({ url }) => {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({ URL: url, DATABASE: "d" });
    await db.createDb();
    await db.query(Star).bulkInsert([{ id: 1n, name: "Vega" }]);
    const killed = new MongoClient(url);
    const session = killed.startSession();
    session.startTransaction();
    await killed.db("d").collection("star").updateMany({}, {
      $set: { visits: 1 },
    }, { session });
    let runs = 0;
    await assert.rejects(
      db.transaction(async (tx) => {
        runs++;
        await tx.query(Star).count();
        await tx.query(Star).updateAll({ filterBy: {}, set: { visits: 2 } });
      }, { retries: 2 }),
      (error) =>
        error instanceof Error && error.name === "SerializationError" &&
        "outcome" in error && error.outcome === "not applied",
    );
    assert.equal(runs, 3);
    await killed.close(true);
  }));

test("an ingest after a kill waits until the server has ended the transaction, says so, and is complete", () =>
  withServer(5, async ({ url }) => {
    const settings = (database: string) => ({
      MONGO: { URL: url, DATABASE: database },
    });
    const alerts = await Array.fromAsync(readAlerts(SMALL));
    await using expected = await connect(settings("expected").MONGO);
    await expected.createDb();
    const report = await ingestAlerts(expected, alerts);
    await using db = await connect(settings("killed").MONGO);
    await db.createDb();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        `--config=${ROOT}deno.json`,
        `${ROOT}tests/ztf/ingest_child.ts`,
        SMALL,
        "stalls",
      ],
      env: { DBP_TEST_SETTINGS: JSON.stringify(settings("killed").MONGO) },
      stdout: "piped",
    }).spawn();
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      if (text.includes("written")) break;
    }
    child.kill("SIGKILL");
    await child.status;
    const waits: number[] = [];
    const written = await ingestAlerts(db, alerts, {
      onWait: ({ waited, longest }) => {
        waits.push(waited);
        assert.equal(longest, 9_500);
      },
    });
    assert.deepEqual(written, report);
    assert.ok(waits.length > 0);
    assert.deepEqual(
      await hashes(db, ALERCE_MODELS),
      await hashes(expected, ALERCE_MODELS),
    );
  }));
