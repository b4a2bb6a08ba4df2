import { MongoConnection } from "@alerce/db-plugins";
import { type Line, race } from "./harness.ts";
import { BareMongo, bareMongoClient } from "./mongo_bare.ts";
import { mongoBulk } from "./mongo_bulk.ts";
import { mongoCalls } from "./mongo_calls.ts";
import type { MongoSides } from "./mongo_race.ts";
import { BENCH_MODELS, Narrow, rowsOf } from "./tables.ts";

const ROWS = 100_000;
const DATABASE = "bench";

/**
 * Compares bulk writes, reads and single calls on MongoDB with the bare driver.
 *
 * @param isRequested whether to measure a work, by its name
 */
export async function mongo(
  url: string,
  isRequested: (work: string) => boolean = () => true,
): Promise<Line[]> {
  await using db = new MongoConnection({ models: BENCH_MODELS });
  await db.connect({ URL: url, DATABASE });
  const client = bareMongoClient(url);
  const query = db.query(Narrow);
  const empty = async (): Promise<void> => {
    await db.dropDb();
    await db.createDb();
  };
  const sides: MongoSides = {
    query,
    bare: new BareMongo(client.db(DATABASE).collection(Narrow.table)),
    rows: rowsOf(Narrow, ROWS),
    empty,
    async fill(count = ROWS, salt = 0) {
      await empty();
      await query.bulkInsert(rowsOf(Narrow, count, salt));
    },
  };
  const races = [...mongoBulk(sides), ...mongoCalls(sides)]
    .filter(({ work }) => isRequested(work));
  const lines: Line[] = [];
  try {
    if (races.some(({ usesBatches }) => usesBatches)) {
      await sides.bare.chooseBatches(sides.rows, empty);
    }
    for (const entry of races) lines.push(await race(entry));
    return lines;
  } finally {
    await client.close();
    await db.dropDb();
  }
}
