import { RULES } from "./merge_rules.ts";
import type { MongoRace, MongoSides } from "./mongo_race.ts";

const UPSERTS = "`bulkWrite` of upserts, unordered, batches of 1,000";

/** The comparisons of work on many rows. */
export function mongoBulk(
  { query, bare, rows, empty, fill }: MongoSides,
): MongoRace[] {
  const after = (): Promise<unknown> => bare.total();
  const upserts = {
    against: UPSERTS,
    count: rows.length,
    unit: "rows",
    rounds: 5,
    ours: async () => void await query.bulkUpsert(rows),
    bare: () => bare.upsert(rows),
    after,
  };
  return [
    {
      work: "`bulkInsert`, 100,000 new rows of 20 columns",
      against: "`insertMany`, unordered, the fastest batches, two concurrent",
      count: rows.length,
      unit: "rows",
      least: 0.95,
      mostCpu: 1.3,
      usesBatches: true,
      before: empty,
      ours: async () => void await query.bulkInsert(rows),
      bare: () => bare.insert(rows),
      after,
    },
    {
      ...upserts,
      work: "`bulkUpsert`, 100,000 new rows",
      least: 3,
      mostCpu: 1.3,
      before: empty,
    },
    {
      ...upserts,
      work: "`bulkUpsert`, 100,000 rows, half existing",
      least: 0.9,
      mostCpu: 1.3,
      before: () => fill(rows.length / 2, 1),
    },
    {
      ...upserts,
      work: "`bulkUpsert`, 100,000 existing rows, all different",
      least: 0.9,
      mostCpu: 1.3,
      before: () => fill(rows.length, 1),
    },
    {
      ...upserts,
      work: "`bulkUpsert`, 100,000 existing rows, all the same",
      least: 0.9,
      mostCpu: 1.3,
      setUp: () => fill(),
    },
    ...[
      { existing: "half existing", count: rows.length / 2 },
      { existing: "all existing", count: rows.length },
    ].map(({ existing, count }) => ({
      ...upserts,
      work: `\`bulkUpsert\` with \`merge\`, 100,000 rows, ${existing}`,
      against: "`bulkWrite` of pipeline updates, unordered, batches of 1,000",
      least: 0.9,
      before: () => fill(count, 1),
      ours: async () => void await query.bulkUpsert(rows, { merge: RULES }),
      bare: () => bare.merge(rows),
    })),
    {
      work: "`findAll`, 100,000 rows of 20 columns",
      against: "`find`, the fastest `batchSize`",
      count: rows.length,
      unit: "rows",
      least: 0.95,
      mostCpu: 1,
      usesBatches: true,
      setUp: () => fill(),
      ours: async () => summary(await query.findAll()),
      bare: async () => summary(await bare.findAll()),
    },
  ];
}

/** Returns what both must read equally: the number of rows, and the last row in the order of the key. */
function summary(rows: readonly object[]): unknown {
  const last = rows.reduce((one, other) =>
    Reflect.get(one, "candid") > Reflect.get(other, "candid") ? one : other
  );
  return { count: rows.length, last: { ...last } };
}
