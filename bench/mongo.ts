import { MongoConnection } from "@alerce/db-plugins";
import { MongoClient } from "mongodb";
import { type Line, race } from "./harness.ts";
import { BareMongo } from "./mongo_bare.ts";
import { BENCH_MODELS, FIRST, Narrow, rowsOf } from "./tables.ts";

const ROWS = 100_000;
const CALLS = 2_000;
const TOGETHER = 10_000;
const AT_ONCE = 50;
const DATABASE = "bench";

/** Bulk writes, reads and `getOrCreate` on MongoDB, beside the bare driver. */
export async function mongo(url: string): Promise<Line[]> {
  await using db = new MongoConnection({ models: BENCH_MODELS });
  await db.connect({ URL: url, DATABASE });
  // The same work as here: exact 64-bit integers, text taken to be what the server says it is.
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
  const key = (place: number): bigint => FIRST + BigInt((place * 7919) % ROWS);
  const one = async (place: number) =>
    await query.findOne({ filterBy: { candid: key(place) } });
  const bareOne = (place: number) => bare.findOne(key(place));
  const getOrCreate = async (place: number) =>
    (await query.getOrCreate({
      filterBy: { candid: FIRST + BigInt(place) },
      ...rows[place],
    }))[1];
  const bareGetOrCreate = (place: number) =>
    bare.getOrCreate(rows[place] ?? {});
  try {
    await bare.chooseBatches(rows, empty);
    const lines = [
      await race({
        work: "`bulkInsert`, 100,000 rows of 20 columns, none there",
        against:
          `\`insertMany\`, unordered, by ${bare.insertBatch}, two in flight`,
        count: ROWS,
        unit: "rows",
        least: 0.85,
        before: empty,
        ours: async () => void await query.bulkInsert(rows),
        bare: () => bare.insert(rows),
        after,
      }),
      await race({
        work: "`bulkUpsert`, 100,000 rows, none there",
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
        work: "`bulkUpsert`, 100,000 rows, all there",
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
        work: "`findOne` by key, alone",
        against: "`findOne`",
        count: CALLS,
        unit: "rows",
        least: 0.9,
        ours: () => inTurn(CALLS, one),
        bare: () => inTurn(CALLS, bareOne),
      }),
      await race({
        work: `\`findOne\` by key, ${AT_ONCE} at once`,
        against: "`findOne`",
        count: TOGETHER,
        unit: "rows",
        least: 0.9,
        ours: () => atOnce(TOGETHER, one),
        bare: () => atOnce(TOGETHER, bareOne),
      }),
      await race({
        work: "`getOrCreate`, row there",
        against: "`findOneAndUpdate` with `upsert`",
        count: CALLS,
        unit: "calls",
        least: 0.9,
        ours: () => inTurn(CALLS, getOrCreate),
        bare: () => inTurn(CALLS, bareGetOrCreate),
      }),
      await race({
        work: "`getOrCreate`, row not there",
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
  call: (place: number) => Promise<unknown>,
): Promise<unknown> {
  let last: unknown;
  for (let place = 0; place < count; place++) last = await call(place);
  return typeof last === "object" ? { ...last } : last;
}

async function atOnce(
  count: number,
  call: (place: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  let found = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) if (await call(next++)) found++;
  }));
  return found;
}

/** What two ways of reading must agree on: how many rows, and the last in the order of the key. */
function summary(rows: readonly object[]): unknown {
  const last = rows.reduce((one, other) =>
    Reflect.get(one, "candid") > Reflect.get(other, "candid") ? one : other
  );
  return { count: rows.length, last: { ...last } };
}
