// deno-lint-ignore-file no-console
// Writes rows in calls of two sizes, and prints their rates and the peak memory.
import {
  type Connection,
  type InsertOf,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { median } from "./harness.ts";
import { bareMongoClient, insertGenerated } from "./mongo_bare.ts";
import { BENCH_MODELS, FIRST, Narrow, rowsOf } from "./tables.ts";

const KEPT = 10_000;
const ROUNDS = Number(Deno.env.get("DBP_BENCH_ROUNDS") ?? 3);

const { engine, settings, method, sizes } = JSON.parse(
  Deno.env.get("DBP_BENCH") ?? "{}",
);
const kept = rowsOf(Narrow, KEPT);
await using db: Connection<typeof BENCH_MODELS> = engine === "mongodb"
  ? new MongoConnection({ models: BENCH_MODELS })
  : new SQLConnection({ models: BENCH_MODELS });
await db.connect(settings);

const query = db.query(Narrow);
const writes: Record<
  string,
  (rows: Iterable<InsertOf<typeof Narrow>>) => Promise<unknown>
> = {
  bulkInsert: (rows) => query.bulkInsert(rows),
  bulkUpsert: (rows) => query.bulkUpsert(rows),
  insertMany: async (rows) => {
    await using client = bareMongoClient(settings.URL);
    const collection = client.db(settings.DATABASE).collection(Narrow.table);
    await insertGenerated(collection, rows);
  },
};

/** Writes rows by the method that the parent names. */
function write(rows: Iterable<InsertOf<typeof Narrow>>): Promise<unknown> {
  const named = writes[method];
  if (named === undefined) throw new Error(`No such method: ${method}`);
  return named(rows);
}

/** Yields rows with keys of their own, which are not kept. */
function* rows(count: number): Generator<InsertOf<typeof Narrow>> {
  for (let index = 0; index < count; index++) {
    yield { ...kept[index % KEPT], candid: FIRST + BigInt(index) };
  }
}

/** Returns the rows per second of a call that writes new rows. */
async function rateOf(count: number): Promise<number> {
  await db.dropDb();
  await db.createDb();
  const start = performance.now();
  await write(rows(count));
  const seconds = (performance.now() - start) / 1000;
  const stored = await query.count();
  if (stored !== count) throw new Error(`${stored} rows, not ${count}`);
  return count / seconds;
}

const [small, large] = sizes;
const rates: { small: number; large: number }[] = [];
await rateOf(small);
for (let round = 0; round < ROUNDS; round++) {
  const before = await rateOf(small);
  const most = await rateOf(large);
  rates.push({ small: (before + await rateOf(small)) / 2, large: most });
}
const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(
  await Deno.readTextFile("/proc/self/status"),
) ?? [];
console.log(JSON.stringify({
  small: median(rates.map(({ small }) => small)),
  large: median(rates.map(({ large }) => large)),
  ratio: median(rates.map(({ small, large }) => large / small)),
  megabytes: Number(kilobytes) / 1000,
}));
await db.dropDb();
