import { SQLConnection } from "@alerce/db-plugins";
import { type Line, median } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, Narrow, rowsOf } from "./tables.ts";

const SIZES = [10_000, 100_000, 1_000_000];
/** The size whose rate the others are compared with. */
const REFERENCE = 100_000;
const ROUNDS = 5;
const LEAST = 0.95;

/** Measures whether rows take the same time in small and in large calls. */
export async function growth(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: BENCH_MODELS });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  const query = db.query(Narrow);
  const rows = rowsOf(Narrow, Math.max(...SIZES));
  const work = {
    bulkInsert: async (size: number) => {
      await query.bulkInsert(rows.slice(0, size));
    },
    stream: async (size: number) => {
      let count = 0;
      for await (const _ of query.stream()) count++;
      if (count !== size) throw new Error(`${count} rows, not ${size}`);
    },
    findAll: async (size: number) => {
      const { length } = await query.findAll();
      if (length !== size) throw new Error(`${length} rows, not ${size}`);
    },
  };
  const names = Object.keys(work) as (keyof typeof work)[];
  const rates = new Map<string, number[]>();
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      for (const size of round % 2 === 0 ? SIZES : SIZES.toReversed()) {
        await bare.query("truncate narrow");
        for (const name of names) {
          const start = performance.now();
          await work[name](size);
          const rate = size / (performance.now() - start) * 1000;
          const key = `${name} ${size}`;
          // The first round warms up.
          if (round > 0) rates.set(key, [...rates.get(key) ?? [], rate]);
        }
      }
    }
  } finally {
    await bare.end();
    await db.dropDb();
  }
  return names.flatMap((name) => {
    const at = (size: number): readonly number[] =>
      rates.get(`${name} ${size}`) ?? [];
    return SIZES.filter((size) => size !== REFERENCE).map((size): Line => ({
      work: `\`${name}\` of ${shown(size)} rows of 20 columns`,
      ours: `${shown(median(at(size)))} rows/s`,
      against: `${shown(REFERENCE)} rows`,
      theirs: `${shown(median(at(REFERENCE)))} rows/s`,
      ratio: median(
        at(size).map((rate, round) => rate / (at(REFERENCE)[round] ?? rate)),
      ).toFixed(2),
      least: size > REFERENCE ? `${LEAST}` : "",
    }));
  });
}

function shown(value: number): string {
  return Math.round(value).toLocaleString("en");
}
