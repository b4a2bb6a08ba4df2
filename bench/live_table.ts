import { type AnyModel, defineModel, SQLConnection } from "@alerce/db-plugins";
import { makeMigrations, migrate, rollback } from "@alerce/db-plugins/migrate";
import { z } from "zod";
import type { Line } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

const ROWS = 1_000_000;
const SCHEMA = "bench_live";
/** Lock timeout of a generated step, in milliseconds. */
const LOCK_TIMEOUT = 2_000;
/** Duration of a transaction that reads the table, in milliseconds. */
const REPORT = 500;

const Star = defineModel("star", {
  fields: z.object({ id: z.int32(), name: z.string() }),
  primaryKey: ["id"],
});

const sourceFields = {
  id: z.int32(),
  star: z.int32(),
  mag: z.float64(),
};

const before: readonly AnyModel[] = [
  Star,
  defineModel("source", {
    fields: z.object(sourceFields),
    primaryKey: ["id"],
  }),
];

const after: readonly AnyModel[] = [
  Star,
  defineModel("source", {
    fields: z.object({
      ...sourceFields,
      quality: z.int32().meta({ sqlDefault: "0" }),
    }),
    primaryKey: ["id"],
    indexes: [{ fields: ["mag"] }],
    foreignKeys: [{
      fields: ["star"],
      references: { table: "star", fields: ["id"] },
    }],
  }),
];

/** Measures how long writers and readers of a table of a million rows wait during a migration. */
export async function liveTable(settings: ServerSettings): Promise<Line[]> {
  const bare = await bareClient(settings);
  await bare.query(`drop schema if exists ${SCHEMA} cascade`);
  await bare.query(`create schema ${SCHEMA}`);
  const directory = await Deno.makeTempDir({ prefix: "dbp-bench-" });
  const config = { ...settings, ENGINE: "postgresql", SCHEMA };
  try {
    await using old = new SQLConnection({ models: before });
    await old.connect(config);
    await old.createDb();
    await bare.query(
      `insert into ${SCHEMA}.star select n, 'star ' || n from generate_series(1, 1000) n`,
    );
    await bare.query(
      `insert into ${SCHEMA}.source select n, n % 1000 + 1, random() * 10 + 12 from generate_series(1, ${ROWS}) n`,
    );
    await using db = new SQLConnection({ models: after });
    await db.connect(config);
    await makeMigrations(db, { directory });
    const pause = (): Promise<void> => wait(3_000);
    const run = (): Promise<unknown> => migrate(db, { directory });
    const idle = await underLoad(settings, pause);
    const migrating = await underLoad(settings, run);
    await rollback(db, { directory });
    const readIdle = await underLoad(settings, pause, REPORT);
    const readMigrating = await underLoad(settings, run, REPORT);
    return [
      ...linesOf("", idle, migrating),
      ...linesOf(
        `, with concurrent transactions of ${REPORT} ms that read it`,
        readIdle,
        readMigrating,
      ),
    ];
  } finally {
    await bare.query(`drop schema ${SCHEMA} cascade`);
    await bare.end();
    await Deno.remove(directory, { recursive: true });
  }
}

interface Waits {
  readonly longest: number;
  readonly count: number;
}

interface Load {
  readonly write: Waits;
  readonly read: Waits;
  readonly seconds: number;
}

function linesOf(load: string, idle: Load, migrating: Load): Line[] {
  return (["write", "read"] as const).map((kind) => ({
    work: `longest ${kind} of a table of ${
      ROWS.toLocaleString("en")
    } rows while a column, an index and a foreign key are added${load} (${
      migrating.seconds.toFixed(1)
    } s, ${migrating[kind].count.toLocaleString("en")} ${kind}s)`,
    ours: `${Math.round(migrating[kind].longest)} ms`,
    against: "the same without a migration",
    theirs: `${Math.round(idle[kind].longest)} ms`,
    ratio: "",
    least: `at most ${LOCK_TIMEOUT} ms`,
  }));
}

/** Writes and reads single rows during some work; with `report`, also reads in transactions of that many milliseconds. */
async function underLoad(
  settings: ServerSettings,
  work: () => Promise<unknown>,
  report?: number,
): Promise<Load> {
  let working = true;
  const loop = async (text: string): Promise<Waits> => {
    const client = await bareClient(settings);
    let [longest, count] = [0, 0];
    while (working) {
      const id = Math.floor(Math.random() * ROWS) + 1;
      const begin = performance.now();
      await client.query(text, [id]);
      longest = Math.max(longest, performance.now() - begin);
      count++;
    }
    await client.end();
    return { longest, count };
  };
  const reporting = async (milliseconds: number): Promise<void> => {
    const client = await bareClient(settings);
    while (working) {
      await client.query("begin");
      await client.query(`select * from ${SCHEMA}.source limit 1`);
      await wait(milliseconds);
      await client.query("commit");
    }
    await client.end();
  };
  const reports = report === undefined ? Promise.resolve() : reporting(report);
  const begin = performance.now();
  const loops = Promise.all([
    loop(`update ${SCHEMA}.source set mag = mag + 0.01 where id = $1`),
    loop(`select * from ${SCHEMA}.source where id = $1`),
  ]);
  try {
    await work();
  } finally {
    working = false;
  }
  const seconds = (performance.now() - begin) / 1000;
  const [write, read] = await loops;
  await reports;
  return { write, read, seconds };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
