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
  pause,
} from "../support/faults/time.ts";
import { POSTGRES_USER, startPostgres } from "../support/servers.ts";

/** Short limits, so that calls end soon on a network that swallows packets. */
const LIMITS = {
  POOL_SIZE: 4,
  CONNECT_TIMEOUT: 2_000,
  STATEMENT_TIMEOUT: 2_000,
};
/** The longest time of a call with these limits, on a busy machine. */
const LONGEST = 30_000;

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

/** Deletes every row. */
async function emptied(settings: Record<string, unknown>): Promise<void> {
  const client = new pg.Client(clientConfig(settings));
  await client.connect();
  await client.query("truncate item, pair, entry");
  await client.end();
}

test("every acknowledged write is stored once when the server is killed, and when a standby is promoted in its place", async () => {
  const primary = await startPostgres(["wal_retrieve_retry_interval=100ms"]);
  const standby = await primary.standby();
  const login = {
    ENGINE: "postgresql",
    HOST: "127.0.0.1",
    USER: POSTGRES_USER,
    PASSWORD: primary.password,
    DB_NAME: "postgres",
  };
  let current = primary;
  const server = () => ({ ...login, PORT: current.port });
  const asked = async (text: string): Promise<void> => {
    const client = new pg.Client(clientConfig(server()));
    await client.connect();
    await client.query(text);
    await client.end();
  };
  try {
    await asked("alter system set synchronous_standby_names = 'standby'");
    await asked("select pg_reload_conf()");
    const URL = urlOf([primary.port, standby.port], login);
    const target = await postgresqlTarget({ URL, ...LIMITS }, server);
    const disturbances = {
      async restarted() {
        await primary.kill();
        await primary.restart();
      },
      async promoted() {
        await primary.kill();
        current = standby;
        await asked("select pg_promote()");
      },
    };
    const { restarted, promoted } = disturbances;
    const runs = Array.from({ length: FAULT_RUNS }, () => restarted);
    let seed = FAULT_SEED;
    for (const disturb of [...runs, promoted]) {
      const counts = await underFaults(target, {
        seed: seed++,
        async during() {
          await pause(FAULT_TIME / 2);
          await disturb();
          await pause(FAULT_TIME / 2);
        },
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
