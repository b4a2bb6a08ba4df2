import { type AnyModel, defineModel, SQLConnection } from "@alerce/db-plugins";
import { makeMigrations, migrate } from "@alerce/db-plugins/migrate";
import { z } from "zod";
import type { Line } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";

const ROWS = 1_000_000;
const SCHEMA = "bench_live";
/** Milliseconds that a generated step waits for a lock. */
const LOCK_TIMEOUT = 2_000;

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

/** How long writers and readers of a table of a million rows wait while it is migrated. */
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
    const quiet = await underLoad(
      settings,
      () => new Promise((resolve) => setTimeout(resolve, 3_000)),
    );
    const begin = performance.now();
    const busy = await underLoad(settings, () => migrate(db, { directory }));
    const seconds = (performance.now() - begin) / 1000;
    return (["write", "read"] as const).map((kind) => ({
      work: `longest ${kind} of a table of ${
        ROWS.toLocaleString("en")
      } rows while a column, an index and a foreign key are added (${
        seconds.toFixed(1)
      } s, ${busy[kind].count.toLocaleString("en")} of them)`,
      ours: `${Math.round(busy[kind].longest)} ms`,
      against: "the same without a migration",
      theirs: `${Math.round(quiet[kind].longest)} ms`,
      ratio: "",
      least: `at most ${LOCK_TIMEOUT} ms`,
    }));
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

/** Writes and reads row by row for as long as some work takes. */
async function underLoad(
  settings: ServerSettings,
  work: () => Promise<unknown>,
): Promise<{ write: Waits; read: Waits }> {
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
  const loops = Promise.all([
    loop(`update ${SCHEMA}.source set mag = mag + 0.01 where id = $1`),
    loop(`select * from ${SCHEMA}.source where id = $1`),
  ]);
  try {
    await work();
  } finally {
    working = false;
  }
  const [write, read] = await loops;
  return { write, read };
}
