// Writers on PostgreSQL while connections break, the server restarts, and a standby is promoted.
import assert from "node:assert/strict";
import { postgresql } from "@alerce/db-plugins/sql";
import pg from "pg";
import { test } from "../support/connected.ts";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";
import {
  postgresqlTarget,
  urlOf,
} from "../support/faults/postgresql_target.ts";
import { startFaultProxy } from "../support/faults/proxy.ts";
import { underFaults } from "../support/faults/run.ts";
import {
  FAULT_RUNS,
  FAULT_SEED,
  FAULT_TIME,
  inTheMiddle,
} from "../support/faults/time.ts";
import { settingsOf, startPostgres } from "../support/servers.ts";

/** Short limits, so that calls end soon on a network that swallows packets. */
const LIMITS = {
  POOL_SIZE: 4,
  CONNECT_TIMEOUT: 2_000,
  STATEMENT_TIMEOUT: 2_000,
};
/** The longest time of a call with these limits, on a busy machine. */
const LONGEST = 60_000;

test("every acknowledged write is stored once while connections break at any message", async () => {
  const settings: Record<string, unknown> = {
    ...postgresSettings(),
    DB_NAME: freshSchema(),
  };
  await postgresql.createDatabase?.(settings, "");
  for (let run = 0; run < 2 * FAULT_RUNS; run++) {
    const seed = FAULT_SEED + run;
    await using proxy = startFaultProxy({
      port: Number(settings.PORT),
      protocol: "postgresql",
      seed,
    });
    const URL = urlOf([proxy.port], settings);
    const target = await postgresqlTarget({ URL, ...LIMITS }, () => settings);
    const counts = await underFaults(target, {
      seed,
      during: () => proxy.disturb(FAULT_TIME),
      heal: () => Promise.resolve(proxy.heal()),
      faults: () => proxy.faults,
      limit: LONGEST,
    });
    assert.ok((counts.applied ?? 0) > 5, JSON.stringify(counts));
    await emptied(settings);
  }
});

/** Runs a statement on a server itself. */
async function ask(
  settings: Record<string, unknown>,
  text: string,
): Promise<void> {
  const client = new pg.Client(clientConfig(settings));
  await client.connect();
  await client.query(text);
  await client.end();
}

/** Deletes every row. */
function emptied(settings: Record<string, unknown>): Promise<void> {
  return ask(settings, "truncate item, pair, entry");
}

test("every acknowledged write is stored once when the server is killed, and when a standby is promoted in its place", async () => {
  const primary = await startPostgres(["wal_retrieve_retry_interval=100ms"]);
  const standby = await primary.standby();
  let current = primary;
  // A standby has the roles of its primary.
  const server = () => settingsOf({ ...primary, port: current.port });
  try {
    await ask(
      server(),
      "alter system set synchronous_standby_names = 'standby'",
    );
    await ask(server(), "select pg_reload_conf()");
    const URL = urlOf([primary.port, standby.port], server());
    const target = await postgresqlTarget({ URL, ...LIMITS }, server);
    const disturbances = {
      async restarted() {
        await primary.kill();
        await primary.restart();
      },
      async promoted() {
        await primary.kill();
        current = standby;
        await ask(server(), "select pg_promote()");
      },
    };
    const { restarted, promoted } = disturbances;
    const runs = Array.from({ length: FAULT_RUNS }, () => restarted);
    let seed = FAULT_SEED;
    for (const disturb of [...runs, promoted]) {
      const counts = await underFaults(target, {
        seed: seed++,
        during: () => inTheMiddle(disturb),
        heal: () => Promise.resolve(),
        faults: () => [disturb.name],
        limit: LONGEST,
      });
      assert.ok((counts.applied ?? 0) > 5, JSON.stringify(counts));
      await emptied(server());
    }
  } finally {
    await standby.stop();
    await primary.stop();
  }
});
