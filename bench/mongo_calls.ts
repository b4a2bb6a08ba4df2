import type { MongoRace, MongoSides } from "./mongo_race.ts";
import { FIRST } from "./tables.ts";

const CALLS = 2_000;
const CONCURRENT = 10_000;
const AT_ONCE = 50;
const FEW = 10;

/** The comparisons of calls for one row or a few. */
export function mongoCalls(
  { query, bare, rows, empty, fill }: MongoSides,
): MongoRace[] {
  const after = (): Promise<unknown> => bare.total();
  const key = (index: number): bigint =>
    FIRST + BigInt((index * 7919) % rows.length);
  const row = (index: number): object => rows[index] ?? {};
  const few = (index: number): object[] =>
    rows.slice(index * FEW, (index + 1) * FEW);
  const findOne = async (index: number) =>
    await query.findOne({ filterBy: { candid: key(index) } });
  const bareFindOne = (index: number) => bare.findOne(key(index));
  const getOrCreate = {
    against: "`findOneAndUpdate` with `upsert`",
    count: CALLS,
    unit: "calls",
    least: 0.95,
    mostCpu: 1.3,
    ours: () =>
      inTurn(CALLS, async (index) =>
        (await query.getOrCreate({
          filterBy: { candid: FIRST + BigInt(index) },
          ...rows[index],
        }))[1]),
    bare: () => inTurn(CALLS, (index) => bare.getOrCreate(row(index))),
    after,
  };
  const upsertOf = async (some: readonly object[]) => {
    const { inserted, updated } = await query.bulkUpsert(some);
    return [inserted, updated];
  };
  const upsertOne = {
    against: "`updateOne` with `upsert`",
    count: CALLS,
    unit: "calls",
    least: 0.95,
    mostCpu: 1.3,
    ours: () => inTurn(CALLS, (index) => upsertOf([row(index)])),
    bare: () => inTurn(CALLS, (index) => bare.upsertOne(row(index))),
    after,
  };
  const upsertFew = {
    against: "`bulkWrite` of upserts, unordered",
    count: CALLS,
    unit: "rows",
    least: 0.95,
    mostCpu: 1.3,
    ours: () => inTurn(CALLS / FEW, (index) => upsertOf(few(index))),
    bare: () => inTurn(CALLS / FEW, (index) => bare.upsertFew(few(index))),
    after,
  };
  return [
    {
      work: "`findOne` by key, one at a time",
      against: "`findOne`",
      count: CALLS,
      unit: "rows",
      least: 0.97,
      mostCpu: 1.1,
      setUp: () => fill(),
      ours: () => inTurn(CALLS, findOne),
      bare: () => inTurn(CALLS, bareFindOne),
    },
    {
      work: `\`findOne\` by key, ${AT_ONCE} concurrent`,
      against: "`findOne`",
      count: CONCURRENT,
      unit: "rows",
      least: 0.97,
      mostCpu: 1.1,
      setUp: () => fill(),
      ours: () => atOnce(CONCURRENT, findOne),
      bare: () => atOnce(CONCURRENT, bareFindOne),
    },
    {
      ...getOrCreate,
      work: "`getOrCreate`, existing row",
      setUp: () => fill(),
    },
    { ...getOrCreate, work: "`getOrCreate`, missing row", before: empty },
    {
      ...upsertOne,
      work: "`bulkUpsert` of one row, new",
      before: empty,
    },
    {
      ...upsertOne,
      work: "`bulkUpsert` of one row, existing and different",
      before: () => fill(CALLS, 1),
    },
    {
      ...upsertOne,
      work: "`bulkUpsert` of one row, existing and the same",
      setUp: () => fill(CALLS),
    },
    {
      ...upsertFew,
      work: "`bulkUpsert` of 10 rows, new",
      before: empty,
    },
    {
      ...upsertFew,
      work: "`bulkUpsert` of 10 rows, existing and different",
      before: () => fill(CALLS, 1),
    },
    {
      work: "`bulkInsert` of one new row",
      against: "`insertOne`",
      count: CALLS,
      unit: "calls",
      least: 0.95,
      mostCpu: 1.3,
      before: empty,
      ours: () =>
        inTurn(
          CALLS,
          async (index) =>
            (await query.bulkInsert([row(index)])).inserted === 1,
        ),
      bare: () => inTurn(CALLS, (index) => bare.insertOne(row(index))),
      after,
    },
    {
      work: "`bulkInsert` of 10 new rows",
      against: "`insertMany`, unordered",
      count: CALLS,
      unit: "rows",
      least: 0.95,
      mostCpu: 1.3,
      before: empty,
      ours: () =>
        inTurn(
          CALLS / FEW,
          async (index) => (await query.bulkInsert(few(index))).inserted,
        ),
      bare: () => inTurn(CALLS / FEW, (index) => bare.insertFew(few(index))),
      after,
    },
  ];
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
