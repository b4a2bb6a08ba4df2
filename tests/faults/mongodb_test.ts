// Writers on MongoDB while connections break, primaries step down, and a primary is cut off.
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings } from "../support/engines.ts";
import { mongoTarget } from "../support/faults/mongo_target.ts";
import { startFaultProxy } from "../support/faults/proxy.ts";
import { underFaults } from "../support/faults/run.ts";
import {
  FAULT_RUNS,
  FAULT_SEED,
  FAULT_TIME,
  inTheMiddle,
} from "../support/faults/time.ts";
import { pause } from "../../src/base/pause.ts";
import { test } from "../support/mongo_case.ts";
import { startReplicaSet } from "../support/mongo_replica_set.ts";

/** Short limits, so that calls end soon on a network that swallows packets. */
const LIMITS = {
  MAX_POOL_SIZE: 4,
  CONNECT_TIMEOUT: 5_000,
  SERVER_SELECTION_TIMEOUT_MS: 5_000,
  SOCKET_TIMEOUT_MS: 2_000,
  HEARTBEAT_FREQUENCY_MS: 500,
  MIN_HEARTBEAT_FREQUENCY_MS: 20,
};
/** The longest time of a call with these limits, on a busy machine. */
const LONGEST = 60_000;

test("every acknowledged write is stored once while connections break at any message", async () => {
  const { URL: server, DATABASE } = mongoSettings();
  const { port } = new URL(server);
  for (let run = 0; run < 2 * FAULT_RUNS; run++) {
    const seed = FAULT_SEED + run;
    await using proxy = startFaultProxy({
      port: Number(port),
      protocol: "mongodb",
      seed,
    });
    const through = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
    const target = await mongoTarget(
      { URL: through, ...LIMITS },
      server,
      DATABASE,
    );
    const counts = await underFaults(target, {
      seed,
      during: () => proxy.disturb(FAULT_TIME),
      heal: () => Promise.resolve(proxy.heal()),
      faults: () => proxy.faults,
      limit: LONGEST,
    });
    assert.ok((counts.applied ?? 0) > 5, JSON.stringify(counts));
    await using client = new MongoClient(server);
    await client.db(DATABASE).dropDatabase();
  }
});

test("every acknowledged write is stored once through elections, and when the primary is cut off", async () => {
  await using set = await startReplicaSet(1_000);
  const disturbances = {
    async "the primary steps down"() {
      await set.stepDown();
      await set.primary();
    },
    async "the primary is cut off"() {
      const old = await set.primary();
      set.partition(old);
      while (await set.primary() === old) await pause(50);
      await pause(FAULT_TIME / 2);
      set.heal();
    },
  };
  const runs = Array.from(
    { length: FAULT_RUNS },
    () => Object.entries(disturbances),
  );
  let seed = FAULT_SEED;
  for (const [name, disturb] of runs.flat()) {
    const target = await mongoTarget(
      { URL: set.url, ...LIMITS },
      set.url,
      `faults_${seed}`,
    );
    const counts = await underFaults(target, {
      seed: seed++,
      during: () => inTheMiddle(disturb),
      heal: () => Promise.resolve(set.heal()),
      faults: () => [name],
      limit: LONGEST,
    });
    assert.ok((counts.applied ?? 0) > 5, JSON.stringify(counts));
  }
});
