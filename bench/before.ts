import { SQLConnection } from "@alerce/db-plugins";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Line, type Race, race } from "./harness.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { BENCH_MODELS, FIRST, Narrow, rowsOf } from "./tables.ts";

const CALLS = 2_000;
const AT_ONCE = 50;
const READS = 20;

/** Compares calls of this checkout with those of another one, in the folder `DBP_BENCH_BEFORE`. */
export async function before(settings: ServerSettings): Promise<Line[]> {
  const folder = Deno.env.get("DBP_BENCH_BEFORE");
  if (folder === undefined) {
    throw new Error(
      "Cannot compare with another checkout: DBP_BENCH_BEFORE is missing. Set it to the folder of the checkout",
    );
  }
  const other: { SQLConnection: typeof SQLConnection } = await import(
    pathToFileURL(resolve(folder, "mod.ts")).href
  );
  const options = { models: BENCH_MODELS };
  await using now = new SQLConnection(options);
  await now.connect(settings);
  await using then = new other.SQLConnection(options);
  await then.connect(settings);
  await now.createDb();
  const bare = await bareClient(settings);
  const rows = rowsOf(Narrow, CALLS);
  const find = (db: SQLConnection<typeof BENCH_MODELS>, index: number) =>
    db.query(Narrow).findOne({
      filterBy: { candid: FIRST + BigInt((index * 7919) % CALLS) },
    });
  const common = { count: CALLS, unit: "calls", against: folder, least: 0.98 };
  /** The same call on both connections. */
  const both = (
    work: string,
    run: (db: SQLConnection<typeof BENCH_MODELS>) => Promise<unknown>,
    others: Partial<Race> = {},
  ): Promise<Line> =>
    race({
      ...common,
      ...others,
      work,
      ours: () => run(now),
      bare: () => run(then),
    });
  try {
    await now.query(Narrow).bulkInsert(rows);
    return [
      await both("`findOne` by key, one at a time", async (db) => {
        for (let index = 0; index < CALLS; index++) await find(db, index);
      }),
      await both(`\`findOne\` by key, ${AT_ONCE} concurrent`, async (db) => {
        for (let index = 0; index < CALLS; index += AT_ONCE) {
          await Promise.all(
            Array.from({ length: AT_ONCE }, (_, at) => find(db, index + at)),
          );
        }
      }),
      await both(
        `\`findAll\` of ${CALLS.toLocaleString("en")} rows`,
        async (db) => {
          for (let time = 0; time < READS; time++) {
            await db.query(Narrow).findAll();
          }
        },
        { count: CALLS * READS, unit: "rows" },
      ),
      await both("`bulkUpsert` of one row", async (db) => {
        for (const row of rows) await db.query(Narrow).bulkUpsert([row]);
      }),
    ];
  } finally {
    await bare.end();
    await now.dropDb();
  }
}
