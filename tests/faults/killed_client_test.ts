// A killed client: acknowledged writes are stored, a transaction is whole or absent, and the server closes what it had open.
import assert from "node:assert/strict";
import { postgresql } from "@alerce/db-plugins/sql";
import { test } from "../support/connected.ts";
import {
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { killedClient } from "../support/faults/killed_client.ts";
import { mongoTarget } from "../support/faults/mongo_target.ts";
import {
  postgresqlTarget,
  urlOf,
} from "../support/faults/postgresql_target.ts";
import type { Target } from "../support/faults/run.ts";
import { untilEqual } from "../support/waiting.ts";
import { test as mongoTest } from "../support/mongo_case.ts";
import { ROUNDS } from "../support/rounds.ts";

const BULK = 3_000;
const KILLS = 2 * ROUNDS;

async function check(target: Target, settings: object): Promise<void> {
  const acknowledged = new Set<string>();
  for (let run = 0; run < KILLS; run++) {
    const ops = await killedClient(
      "faults/killed_client_child.ts",
      // A bulk write or a transaction is under way.
      4 + run % 2,
      settings,
      run,
    );
    for (const op of ops) acknowledged.add(op);
  }
  assert.ok(acknowledged.size >= 4 * KILLS);
  await settled(target);
  const { item, pair, entry } = await target.rows();
  const bulks = Map.groupBy(entry, ({ op }) => op);
  for (const [op, rows] of bulks) {
    assert.equal(new Set(rows.map(({ n }) => n)).size, rows.length, "twice");
    if (target.promises.areBulkWritesAtomic || acknowledged.has(op)) {
      assert.equal(rows.length, BULK, op);
    }
  }
  const items = item.map(({ op }) => op).sort();
  assert.deepEqual(pair.map(({ op }) => op).sort(), items);
  const stored = new Set([...items, ...bulks.keys()]);
  for (const op of acknowledged) assert.ok(stored.has(op), op);
}

/** Waits until the server has ended everything of the killed clients. */
async function settled(target: Target): Promise<void> {
  await untilEqual("what the killed clients had open", target.left, []);
}

test("postgresql: a killed client loses no acknowledged write, and leaves no part of a call and no session", async () => {
  const settings: Record<string, unknown> = {
    ...postgresSettings(),
    DB_NAME: freshSchema(),
  };
  await postgresql.createDatabase?.(settings, "");
  const through = { URL: urlOf([Number(settings.PORT)], settings) };
  await check(await postgresqlTarget(through, () => settings), through);
});

mongoTest(
  "mongodb: a killed client loses no acknowledged write, and leaves no part of a transaction",
  async () => {
    const { URL, DATABASE } = mongoSettings();
    const target = await mongoTarget({ URL }, URL, DATABASE);
    // The server keeps the transaction of a killed client for a minute, which blocks a drop of the database too.
    const committed = { ...target, left: () => Promise.resolve([]) };
    await check(committed, { URL, DATABASE });
  },
);
