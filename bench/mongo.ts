import { MongoConnection } from "@alerce/db-plugins";
import { MongoClient } from "mongodb";
import { type Line, race } from "./harness.ts";
import { BareMongo } from "./mongo_bare.ts";
import { BENCH_MODELS, FIRST, Narrow, rowsOf } from "./tables.ts";

const ROWS = 100_000;
const CALLS = 2_000;
const CONCURRENT = 10_000;
const AT_ONCE = 50;
const DATABASE = "bench";

/** Compares bulk writes, reads and `getOrCreate` on MongoDB with the bare driver. */
export async function mongo(url: string): Promise<Line[]> {
  await using db = new MongoConnection({ models: BENCH_MODELS });
  await db.connect({ URL: url, DATABASE });
  // Configured like this package: exact 64-bit integers, no validation of UTF-8.
  const client = new MongoClient(url, {
    useBigInt64: true,
    enableUtf8Validation: false,
  });
  const bare = new BareMongo(client.db(DATABASE).collection(Narrow.table));
  const query = db.query(Narrow);
  const rows = rowsOf(Narrow, ROWS);
  const empty = async (): Promise<void> => {
    await db.dropDb();
    await db.createDb();
  };
  const full = async (): Promise<void> => {
    await empty();
    await query.bulkInsert(rowsOf(Narrow, ROWS, 1));
  };
  const after = (): Promise<unknown> => bare.total();
  const key = (index: number): bigint => FIRST + BigInt((index * 7919) % ROWS);
  const one = async (index: number) =>
    await query.findOne({ filterBy: { candid: key(index) } });
  const bareOne = (index: number) => bare.findOne(key(index));
  const getOrCreate = async (index: number) =>
    (await query.getOrCreate({
      filterBy: { candid: FIRST + BigInt(index) },
      ...rows[index],
    }))[1];
  const bareGetOrCreate = (index: number) =>
    bare.getOrCreate(rows[index] ?? {});
  try {
    await bare.chooseBatches(rows, empty);
    const lines = [
      await race({
        work: "`bulkInsert`, 100,000 new rows of 20 columns",
        against:
          `\`insertMany\`, unordered, batches of ${bare.insertBatch}, two concurrent`,
        count: ROWS,
        unit: "rows",
        least: 0.85,
        before: empty,
        ours: async () => void await query.bulkInsert(rows),
        bare: () => bare.insert(rows),
        after,
      }),
      await race({
        work: "`bulkUpsert`, 100,000 new rows",
        against: "`bulkWrite` of upserts, unordered",
        count: ROWS,
        unit: "rows",
        least: 3,
        rounds: 3,
        before: empty,
        ours: async () => void await query.bulkUpsert(rows),
        bare: () => bare.upsert(rows),
        after,
      }),
      await race({
        work: "`bulkUpsert`, 100,000 existing rows",
        against: "`bulkWrite` of upserts, unordered",
        count: ROWS,
        unit: "rows",
        least: 0.9,
        rounds: 3,
        before: full,
        ours: async () => void await query.bulkUpsert(rows),
        bare: () => bare.upsert(rows),
        after,
      }),
    ];
    await empty();
    await query.bulkInsert(rows);
    lines.push(
      await race({
        work: "`findAll`, 100,000 rows of 20 columns",
        against: `\`find\`, \`batchSize\` ${bare.readBatch}`,
        count: ROWS,
        unit: "rows",
        least: 0.85,
        ours: async () => summary(await query.findAll()),
        bare: async () => summary(await bare.findAll()),
      }),
      await race({
        work: "`findOne` by key, one at a time",
        against: "`findOne`",
        count: CALLS,
        unit: "rows",
        least: 0.9,
        ours: () => inTurn(CALLS, one),
        bare: () => inTurn(CALLS, bareOne),
      }),
      await race({
        work: `\`findOne\` by key, ${AT_ONCE} concurrent`,
        against: "`findOne`",
        count: CONCURRENT,
        unit: "rows",
        least: 0.9,
        ours: () => atOnce(CONCURRENT, one),
        bare: () => atOnce(CONCURRENT, bareOne),
      }),
      await race({
        work: "`getOrCreate`, existing row",
        against: "`findOneAndUpdate` with `upsert`",
        count: CALLS,
        unit: "calls",
        least: 0.9,
        ours: () => inTurn(CALLS, getOrCreate),
        bare: () => inTurn(CALLS, bareGetOrCreate),
      }),
      await race({
        work: "`getOrCreate`, missing row",
        against: "`findOneAndUpdate` with `upsert`",
        count: CALLS,
        unit: "calls",
        least: 0.9,
        before: empty,
        ours: () => inTurn(CALLS, getOrCreate),
        bare: () => inTurn(CALLS, bareGetOrCreate),
        after,
      }),
    );
    return lines;
  } finally {
    await client.close();
    await db.dropDb();
  }
}

async function inTurn(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<unknown> {
  let last: unknown;
  for (let index = 0; index < count; index++) last = await call(index);
  return typeof last === "object" ? { ...last } : last;
}

async function atOnce(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  let found = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) if (await call(next++)) found++;
  }));
  return found;
}

/** Returns what both must read equally: the number of rows, and the last row in the order of the key. */
function summary(rows: readonly object[]): unknown {
  const last = rows.reduce((one, other) =>
    Reflect.get(one, "candid") > Reflect.get(other, "candid") ? one : other
  );
  return { count: rows.length, last: { ...last } };
}
